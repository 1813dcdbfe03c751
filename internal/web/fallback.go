package web

import (
	"html/template"
	"io/fs"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/assets"
	"pagesession/internal/basepath"
	"pagesession/internal/client"
	"pagesession/internal/page"
	"pagesession/views"
)

// Fallback answers where there is no app: before it is ready, and for requests
// that never reach it. It is safe for concurrent use.
type Fallback struct {
	// NotReady returns why /readyz is not 200, in words. Set it before the first request.
	// nil: it is not said.
	NotReady func() string

	languages *Languages
	pages     []*template.Template // one for each language, in their order
	headers   *fasthttp.ResponseHeader
	base      basepath.Path
	debug     *slog.Logger
}

// NewFallback returns the fallback pages in these languages. With a logger they
// show what Config.Debug shows, and each is logged. Their small template is ready
// before the app, and names the stylesheet without its hash, which the app knows.
func NewFallback(languages *Languages, base basepath.Path, debug *slog.Logger) (*Fallback, error) {
	f := &Fallback{languages: languages, headers: page.NewHeaders(assets.Place{}), base: base, debug: debug}
	for _, l := range languages.all {
		set := template.New("").Funcs(funcs(l, time.UTC, base, "")).Funcs(template.FuncMap{"url": base.URL})
		for _, name := range []string{"fallback", "partials/debug"} {
			source, err := fs.ReadFile(views.Templates, name+".html")
			if err != nil {
				return nil, err
			}
			if _, err := set.New(name).Parse(string(source)); err != nil {
				return nil, err
			}
		}
		f.pages = append(f.pages, set)
	}
	return f, nil
}

// Starting answers while there is no app yet: /livez as always, 503 for the rest.
func (f *Fallback) Starting(ctx *fasthttp.RequestCtx) {
	reads := ctx.IsGet() || ctx.IsHead()
	switch path := string(ctx.Path()); {
	case reads && path == livePath:
		f.probe(ctx, fiber.StatusOK, "ok")
		return
	case reads && path == readyPath && f.NotReady != nil:
		f.probe(ctx, fiber.StatusServiceUnavailable, notReady+f.NotReady())
	default:
		f.Answer(ctx, fiber.StatusServiceUnavailable)
	}
	ctx.Response.Header.Set(fiber.HeaderRetryAfter, "1")
}

func (f *Fallback) probe(ctx *fasthttp.RequestCtx, code int, text string) {
	f.headers.CopyTo(&ctx.Response.Header)
	ctx.Response.Header.Set(fiber.HeaderCacheControl, "no-store")
	ctx.SetContentType(fiber.MIMETextPlainCharsetUTF8)
	ctx.SetStatusCode(code)
	ctx.SetBodyString(text)
}

// Answer answers with the error page of a status.
func (f *Fallback) Answer(ctx *fasthttp.RequestCtx, code int) {
	at := f.languages.negotiate(&ctx.Request.Header)
	l := f.languages.all[at]
	p := problemOf(l, code)
	if f.debug != nil {
		p.Debug = newDebugInfo(client.RequestID(ctx), f.base)
		f.debug.Info("error page shown", slog.Int("status", p.Code), slog.String("request", p.Debug.Request))
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
	if err := f.pages[at].ExecuteTemplate(ctx, "fallback", &p); err != nil {
		ctx.Response.ResetBody() // the status is left, and a test renders every page
	}
}
