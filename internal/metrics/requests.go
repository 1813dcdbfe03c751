package metrics

import (
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// classes are the values of the label class.
var classes = [...]string{"2xx", "3xx", "4xx", "5xx"}

// bounds are the upper bounds of the classes of durations. A refresh takes some 10 µs, so the first
// has most; a commit takes as long as the disk; 5 s is the longest wait for the disk.
var bounds = [...]time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second,
}

// shards is how many times the counters of requests exist. Each connection counts in one of
// them, so processors seldom write to the same cache line. All together have 30 KiB.
const shards = 8

// Requests counts answered requests. It is safe for concurrent use. The zero value is ready.
type Requests struct {
	shards [shards]struct {
		of [len(Routes)]counted
		_  [64]byte // the next shard is on another cache line
	}
}

// counted has the requests of one route.
type counted struct {
	answers [len(classes)]atomic.Uint64
	buckets [len(bounds) + 1]atomic.Uint64
	nanos   atomic.Uint64
}

// Observe counts an answer that is ready. began is when the request was there; the zero time if
// it could not be read, so that its duration says nothing. It does not allocate.
func (r *Requests) Observe(ctx *fasthttp.RequestCtx, began time.Time) {
	c := &r.shards[ctx.ConnID()%shards].of[RouteOfAnswer(ctx, began)]
	c.answers[classOf(ctx.Response.StatusCode())].Add(1)
	if began.IsZero() {
		return
	}
	took := max(time.Since(began), 0)
	c.buckets[bucketOf(took)].Add(1)
	c.nanos.Add(uint64(took))
}

// ClassOf returns the value of the label class for a status.
func ClassOf(status int) string { return classes[classOf(status)] }

// classOf returns the index of a status in classes; of the last for a status that is none.
func classOf(status int) int {
	if class := status/100 - 2; class >= 0 && class < len(classes) {
		return class
	}
	return len(classes) - 1
}

func bucketOf(took time.Duration) int {
	for i, most := range bounds {
		if took <= most {
			return i
		}
	}
	return len(bounds)
}

// answers returns the number of answers of a route in a class of status.
func (r *Requests) answers(route, class int) (n uint64) {
	for i := range r.shards {
		n += r.shards[i].of[route].answers[class].Load()
	}
	return n
}

// durations returns how long the requests of a route took. The count is that of the buckets,
// also while others are counted.
func (r *Requests) durations(route int) (h Histogram) {
	var n [len(bounds) + 1]uint64
	var nanos uint64
	for i := range r.shards {
		c := &r.shards[i].of[route]
		nanos += c.nanos.Load()
		for b := range n {
			n[b] += c.buckets[b].Load()
		}
	}
	h.Sum, h.Buckets = time.Duration(nanos).Seconds(), map[float64]uint64{}
	for b, most := range bounds {
		h.Count += n[b]
		h.Buckets[most.Seconds()] = h.Count
	}
	h.Count += n[len(bounds)]
	return h
}
