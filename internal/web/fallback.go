package web

import (
	"fmt"
	"html"
	"log/slog"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/page"
)

// Fallback answers where there is no app: before it is ready, and for requests
// that never reach it. It is safe for concurrent use.
type Fallback struct {
	languages *Languages
	headers   *fasthttp.ResponseHeader
	debug     *slog.Logger
}

// NewFallback returns the fallback pages in these languages. With a logger they
// show what the pages of Config.Debug show, and the logger hears of each; nil
// turns that off.
func NewFallback(languages *Languages, debug *slog.Logger) *Fallback {
	return &Fallback{languages, page.NewHeaders(), debug}
}

// Starting answers everything while there is no app yet: /livez as always,
// anything else with a 503.
func (f *Fallback) Starting(ctx *fasthttp.RequestCtx) {
	if (ctx.IsGet() || ctx.IsHead()) && string(ctx.Path()) == livePath {
		f.headers.CopyTo(&ctx.Response.Header)
		ctx.Response.Header.Set(fiber.HeaderCacheControl, "no-store")
		ctx.SetContentType(fiber.MIMETextPlainCharsetUTF8)
		ctx.SetBodyString("ok")
		return
	}
	f.Answer(ctx, fiber.StatusServiceUnavailable)
	ctx.Response.Header.Set(fiber.HeaderRetryAfter, "1")
}

// Answer answers with the error page of a status.
func (f *Fallback) Answer(ctx *fasthttp.RequestCtx, code int) {
	l := f.languages.all[f.languages.negotiate(&ctx.Request.Header)]
	p := problemOf(l, code)
	if f.debug != nil {
		p.Debug = newDebugInfo(newRequestID())
		f.debug.Info("an error page was shown", slog.Int("status", p.Code), slog.String("request", p.Debug.Request))
	}
	ctx.Response.Reset()
	h := &ctx.Response.Header
	f.headers.CopyTo(h)
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.Set(fiber.HeaderContentLanguage, l.Tag())
	if f.languages.negotiates() {
		h.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
	}
	ctx.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	ctx.SetStatusCode(p.Code)
	e := html.EscapeString
	_, _ = fmt.Fprintf(ctx, fallbackPage, l.Tag(), e(p.Title), p.Code, e(l.T("pill.error")), e(p.What), e(p.Do), e(l.T("button.home")), p.Debug.html(l))
}

// fallbackPage names the stylesheet without its hash, which only an app knows.
const fallbackPage = `<!DOCTYPE html>
<html lang="%[1]s">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>%[2]s</title>
<link rel="stylesheet" href="/static/style.css">
</head>
<body>
<header class="top"></header>
<main>
<h1>%[2]s</h1>
<section class="card panel">
<p class="code" aria-hidden="true">%[3]d</p>
<div class="words">
<p class="pill warn">%[4]s</p>
<h2>%[5]s</h2>
<p>%[6]s</p>
<p class="row"><a class="button main" href="/">%[7]s</a></p>
%[8]s</div>
</section>
</main>
</body>
</html>
`
