package health

import (
	"fmt"
	"math"

	"pagesession/storage"
	"pagesession/storage/redis"
)

// sessionServer is the name of Redis in lists, where files have theirs.
const sessionServer = "Redis"

// OfRedis returns the words for the state of visitors' sessions in Redis. url has no
// password.
func OfRedis(url string, h redis.Health) File {
	f := File{Name: sessionServer, Path: url, State: storage.FileOK.String()}
	if h.Away == 0 {
		return f
	}
	f.State, f.Since = Unavailable, h.Since
	if h.Cause != nil {
		f.Cause = h.Cause.Error()
	}
	f.Works = "No session ends by this, and none is extended. Operators who are signed in stay signed in."
	f.Refused = "Visitors' pages answer with 503 and Retry-After; open pages try again by themselves."
	if h.Away < 1 {
		part := math.Max(1, math.Round(100*h.Away))
		f.Works = fmt.Sprintf("About %.0f %% of the sessions are served as usual; they are on other nodes.", 100-part)
		f.Refused = fmt.Sprintf("About %.0f %% of the visitors get 503 and Retry-After, and so do new sessions; open pages try again by themselves.", part)
	}
	f.Do = "Check that Redis runs, that this machine reaches it, and that its disk and memory have room. The server tries again several times each second."
	return f
}
