package server

import (
	"io"
	"time"

	"github.com/valyala/fasthttp"
)

// Download answers with size bytes of body, or with -1 with all of it, and closes it in the end. A client may take as long as it
// needs, if it takes each piece within Limits.Write; the engine's limit for a whole answer does not
// count. A stop ends it when its time for running requests is over.
func Download(ctx *fasthttp.RequestCtx, body io.ReadCloser, size int) {
	ctx.SetBodyStream(&pieces{body, unwrap(ctx.Conn())}, size) // the engine closes it, in every case
}

// A pieces moves the deadline of writing with each piece that is read to be written.
type pieces struct {
	io.ReadCloser
	conn *conn // nil in tests without a connection
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.conn != nil && p.conn.conns.drainBy.Load() == nil {
		if err := p.conn.SetWriteDeadline(time.Now().Add(p.conn.conns.Write)); err != nil {
			return 0, err
		}
	}
	return p.ReadCloser.Read(b)
}
