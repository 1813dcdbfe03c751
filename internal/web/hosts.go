package web

import (
	"bytes"

	"github.com/valyala/fasthttp"

	"pagesession/internal/hosts"
)

// knownHost reports whether the request is for one of the allowed hosts. The
// Host header and the host that fasthttp made of it are not always the same: an
// absolute request target wins over the header, and what stands before an @ is
// cut off. Both have to be allowed.
func knownHost(allowed hosts.List, req *fasthttp.Request) bool {
	header, target := req.Header.Host(), req.URI().Host()
	return allowed.Allows(header) && (bytes.Equal(header, target) || allowed.Allows(target))
}
