package web

import (
	"errors"
	"fmt"
	"net"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// ServerError answers a request that never reached the app, since fasthttp
// could not read it; it is a fasthttp.Server's ErrorHandler. The error's text
// quotes the request and is shown to nobody. The server closes the connection
// after it. It needs no app, and is safe for concurrent use.
func ServerError(ctx *fasthttp.RequestCtx, err error) {
	answerShort(ctx, unreadable(err))
}

// Starting answers everything while there is no app yet: /livez as always,
// anything else with "not just now". It is safe for concurrent use.
func Starting(ctx *fasthttp.RequestCtx) {
	if (ctx.IsGet() || ctx.IsHead()) && string(ctx.Path()) == "/livez" {
		setHeaders(&ctx.Response.Header)
		ctx.Response.Header.Set(fiber.HeaderCacheControl, "no-store")
		ctx.SetContentType(fiber.MIMETextPlainCharsetUTF8)
		ctx.SetBodyString("ok")
		return
	}
	answerShort(ctx, fiber.StatusServiceUnavailable)
	ctx.Response.Header.Set(fiber.HeaderRetryAfter, "1")
}

func answerShort(ctx *fasthttp.RequestCtx, code int) {
	p := problemOf(code)
	ctx.Response.Reset()
	setHeaders(&ctx.Response.Header)
	ctx.Response.Header.Set(fiber.HeaderCacheControl, "no-store")
	ctx.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	ctx.SetStatusCode(p.Code)
	_, _ = fmt.Fprintf(ctx, shortPage, p.Title, p.Code, p.What, p.Do)
}

// shortPage names the stylesheet without its hash, which only an app knows.
const shortPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>%[1]s</title>
<link rel="stylesheet" href="/static/style.css">
</head>
<body>
<header class="top"></header>
<main>
<h1>%[1]s</h1>
<section class="card panel">
<p class="code" aria-hidden="true">%[2]d</p>
<div class="words">
<p class="pill over">error</p>
<h2>%[3]s</h2>
<p>%[4]s</p>
<p class="row"><a class="button main" href="/">Home</a></p>
</div>
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
