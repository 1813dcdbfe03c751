package health

import (
	"fmt"
	"math"
	"time"

	"pagesession/storage"
	"pagesession/storage/redis"
)

// sessionServer is the name of Redis in lists, where files have theirs.
const sessionServer = "Redis"

// lossShown is for how long a loss is told: longer than most sessions live.
const lossShown = 24 * time.Hour

// OfRedis returns the words for the state of visitors' and operators' sessions in Redis at the
// instant now. url has no password. A loss of data is in Notice for a day.
func OfRedis(url string, h redis.Health, now time.Time) File {
	f := File{Name: sessionServer, Path: url, State: storage.FileOK.String(), Notice: lossNotice(h.Loss, now)}
	if h.Away == 0 {
		return f
	}
	f.State, f.Since = Unavailable, h.Since
	if h.Cause != nil {
		f.Cause = h.Cause.Error()
	}
	f.Works = "No session ends by this, and none is extended. Operators who are signed in stay signed in."
	f.Refused = "Visitors’ pages and the console answer with 503 and Retry-After; open pages try again by themselves."
	if h.Away < 1 {
		part := math.Max(1, math.Round(100*h.Away))
		f.Works = fmt.Sprintf("About %.0f %% of the sessions are served as usual; they are on other nodes.", 100-part)
		f.Refused = fmt.Sprintf("About %.0f %% of the visitors and operators get 503 and Retry-After, and so do new sessions; open pages try again by themselves.", part)
	}
	f.Do = "Check that Redis runs, that this machine reaches it, and that its disk and memory have room. The server tries again several times each second."
	return f
}

// lossNotice returns what a loss means and what to do; "" if there is none to tell.
func lossNotice(l redis.Loss, now time.Time) string {
	if l.Times == 0 || now.Sub(l.At) >= lossShown {
		return ""
	}
	return fmt.Sprintf("Redis lost the changes of about %v before %s: it restarted without them, or a replica without them took over. "+
		"Sessions that were created in that time are gone, and sessions that were ended in it may be live again. "+
		"To be sure, end all sessions. This notice stays for a day, or until this server restarts.",
		l.Back.Round(time.Second), l.At.UTC().Format("2006-01-02 15:04:05 UTC"))
}
