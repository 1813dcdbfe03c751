package testkit

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"

	"github.com/valyala/fasthttp"
)

// inProcess passes requests to a handler without a socket.
type inProcess struct{ handler fasthttp.RequestHandler }

// From sets the client's address of a request to a handler, in place of 127.0.0.1.
func From(ip string) Option {
	return func(r *http.Request) { r.Header.Set(fromHeader, ip) }
}

const fromHeader = "X-Testkit-From"

// RoundTrip writes the request, parses it as the engine does, and calls the handler.
func (p *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711}
	if ip := req.Header.Get(fromHeader); ip != "" {
		addr.IP = net.ParseIP(ip)
		req.Header.Del(fromHeader)
	}
	ctx, err := parse(req, addr)
	if err != nil {
		return nil, err
	}
	p.handler(ctx)
	return response(ctx, req)
}

func parse(req *http.Request, addr net.Addr) (*fasthttp.RequestCtx, error) {
	if req.Body != nil && req.Header.Get("Content-Length") == "" {
		req.Header.Set("Content-Length", strconv.FormatInt(req.ContentLength, 10))
	}
	raw, err := httputil.DumpRequest(req, true)
	if err != nil {
		return nil, err
	}
	ctx := new(fasthttp.RequestCtx)
	from := bufio.NewReaderSize(bytes.NewReader(raw), len(raw))
	if err := ctx.Request.Header.Read(from); err != nil {
		return nil, fmt.Errorf("the engine reads %.60q: %w", raw, err)
	}
	if req.Body != nil { // a multipart form is left to the handler, as the server does
		if err := ctx.Request.ContinueReadBody(from, 0, false); err != nil {
			return nil, fmt.Errorf("the engine reads the body of %.60q: %w", raw, err)
		}
	}
	ctx.SetRemoteAddr(addr) // Init would give it a connection that cannot be used
	return ctx, nil
}

// response converts the handler's response. A stream stays a stream.
func response(ctx *fasthttp.RequestCtx, req *http.Request) (*http.Response, error) {
	var body io.ReadCloser = http.NoBody
	if stream := ctx.Response.BodyStream(); stream != nil {
		body = streamBody{stream, ctx}
	} else {
		content := ctx.Response.Body()
		ctx.Response.Header.SetContentLength(len(content))
		if !ctx.IsHead() {
			body = io.NopCloser(bytes.NewReader(content))
		}
	}
	head := bufio.NewReader(bytes.NewReader(ctx.Response.Header.Header()))
	res, err := http.ReadResponse(head, &http.Request{Method: http.MethodHead})
	if err != nil {
		return nil, err
	}
	res.Body, res.Request = body, req
	return res, nil
}

// streamBody closes the stream at its end, as the engine does.
type streamBody struct {
	io.Reader
	ctx *fasthttp.RequestCtx
}

func (s streamBody) Close() error { return s.ctx.Response.CloseBodyStream() }
