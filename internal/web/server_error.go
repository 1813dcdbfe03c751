package web

import (
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/text"
)

// Outside answers where there is no app: before it is ready, and for requests
// that never reach it. It is safe for concurrent use.
type Outside struct {
	speech speech
	debug  *slog.Logger
}

// NewOutside returns an Outside that speaks a language as Config.Language says.
// With a logger its pages show what those of Config.Debug show, and the logger
// hears of each; without one, nil, they do not.
func NewOutside(language string, debug *slog.Logger) (*Outside, error) {
	all, err := loadSpeech(language, text.Load)
	return &Outside{all, debug}, err
}

// ServerError answers a request that never reached the app, since fasthttp
// could not read it; it is a fasthttp.Server's ErrorHandler. The error's text
// quotes the request and is shown to nobody. The server closes the connection
// after it.
func (o *Outside) ServerError(ctx *fasthttp.RequestCtx, err error) {
	o.answer(ctx, unreadable(err))
}

// Starting answers everything while there is no app yet: /livez as always,
// anything else with "not just now".
func (o *Outside) Starting(ctx *fasthttp.RequestCtx) {
	if (ctx.IsGet() || ctx.IsHead()) && string(ctx.Path()) == "/livez" {
		setHeaders(&ctx.Response.Header)
		ctx.Response.Header.Set(fiber.HeaderCacheControl, "no-store")
		ctx.SetContentType(fiber.MIMETextPlainCharsetUTF8)
		ctx.SetBodyString("ok")
		return
	}
	o.answer(ctx, fiber.StatusServiceUnavailable)
	ctx.Response.Header.Set(fiber.HeaderRetryAfter, "1")
}

func (o *Outside) answer(ctx *fasthttp.RequestCtx, code int) {
	l := o.speech.languages[o.speech.choose(&ctx.Request.Header)]
	p := problemOf(l, code)
	if o.debug != nil {
		p.Debug = newDebugInfo(newRequestID())
		o.debug.Info("an error page was shown", slog.Int("status", p.Code), slog.String("request", p.Debug.Request))
	}
	ctx.Response.Reset()
	h := &ctx.Response.Header
	setHeaders(h)
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.Set(fiber.HeaderContentLanguage, l.Tag())
	if o.speech.negotiates() {
		h.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
	}
	ctx.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	ctx.SetStatusCode(p.Code)
	e := html.EscapeString
	_, _ = fmt.Fprintf(ctx, shortPage, l.Tag(), e(p.Title), p.Code, e(l.T("pill.error")), e(p.What), e(p.Do), e(l.T("button.home")), p.Debug.html(l))
}

// shortPage names the stylesheet without its hash, which only an app knows.
const shortPage = `<!DOCTYPE html>
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
<p class="pill over">%[4]s</p>
<h2>%[5]s</h2>
<p>%[6]s</p>
<p class="row"><a class="button main" href="/">%[7]s</a></p>
%[8]s</div>
</section>
</main>
</body>
</html>
`

func unreadable(err error) int {
	var small *fasthttp.ErrSmallBuffer
	var network net.Error
	switch {
	case errors.As(err, &small):
		return fasthttp.StatusRequestHeaderFieldsTooLarge
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return fasthttp.StatusRequestEntityTooLarge
	case errors.As(err, &network) && network.Timeout():
		return fasthttp.StatusRequestTimeout
	default:
		return fasthttp.StatusBadRequest
	}
}
