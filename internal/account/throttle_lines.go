package account

import (
	"slices"
	"time"
)

// Of the tries of a name in networks that are new to its user, so many may come at once, and
// one more each interval. So strangers have 2,880 guesses of a name a day, and ten more.
const (
	lineBurst    = 10
	lineInterval = 30 * time.Second
	// lineLongest is the longest wait that is reserved: 120 sites in a line.
	lineLongest = time.Hour
	// reservationLasts is how long a reserved try is kept for its site.
	reservationLasts = 5 * time.Minute
	// mostReserved is for how many names a site has reservations, since many people may
	// share it. 4 for each of 10,000 sites take 3 MB.
	mostReserved = 4
	mostSites    = 10_000
)

// lines share out the tries of each name among strangers, by site: an IPv4 address, an IPv6
// /48. What the throttle counts by network and device stays outside of them.
//
// A stranger who finds no try of a name free gets a reservation: the time of the next one
// that no site has. It is one for each site and name, and asking again neither moves nor renews
// it. So a user on a new device in a new network waits 30 s at most for each hostile site
// that guesses their name, however often those ask; a limit for all strangers alone would
// go to those who ask most often. A reserved try that is not made counts as made.
//
// The throttle's state calls it from one goroutine at a time.
type lines struct {
	names map[tried]line
	held  map[tried][]reservation // by site
	swept time.Time
	most  int // names
}

// A line has the tries of one name.
type line struct {
	next   time.Time // when the next try may begin; up to lineBurst of them lie in the past
	logged bool      // the present delay is logged
}

// A reservation is the time of a site's try of a name.
type reservation struct {
	name tried
	at   time.Time
}

func newLines(most int) *lines {
	return &lines{names: map[tried]line{}, held: map[tried][]reservation{}, most: most}
}

// admit takes the site's reserved try of the name, or one that is free, and returns the time
// for which it was reserved, the zero Time if it was not. Otherwise it says why not, and
// reserves the next try.
func (l *lines) admit(now time.Time, a attempt) (reserved time.Time, no *delay) {
	l.sweep(now)
	if at, ok := l.reserved(now, a); ok {
		if at.After(now) {
			return time.Time{}, l.delay(a, delay{wait: at.Sub(now), reserved: true})
		}
		l.drop(a)
		l.log(a, false)
		return at, nil
	}
	next := l.next(now, a.name)
	wait := next.Sub(now)
	if wait <= 0 {
		l.set(a.name, line{next: next.Add(lineInterval)})
		return time.Time{}, nil
	}
	held := wait <= lineLongest && l.hold(now, a, next)
	if held {
		known := l.names[a.name]
		known.next = next.Add(lineInterval)
		l.set(a.name, known)
	}
	return time.Time{}, l.delay(a, delay{wait: wait, reserved: held})
}

// giveBack returns n tries of a name that were no wrong guesses. A reserved one stays with
// its site.
func (l *lines) giveBack(now time.Time, a attempt, reserved time.Time, n int) {
	if !reserved.IsZero() && n > 0 && l.hold(now, a, reserved) {
		n--
	}
	known, ok := l.names[a.name]
	if !ok || n == 0 {
		return
	}
	known.next = known.next.Add(-time.Duration(n) * lineInterval)
	l.set(a.name, known)
	l.forgetIdle(now, a.name)
}

// unlock forgets a name.
func (l *lines) unlock(name tried) {
	delete(l.names, name)
	for site := range l.held {
		l.keep(site, func(r reservation) bool { return r.name != name })
	}
}

// next returns when the next try of a name may begin.
func (l *lines) next(now time.Time, name tried) time.Time {
	if first := now.Add(-(lineBurst - 1) * lineInterval); l.names[name].next.Before(first) {
		return first
	}
	return l.names[name].next
}

func (l *lines) reserved(now time.Time, a attempt) (at time.Time, ok bool) {
	l.keep(a.site, func(r reservation) bool { return now.Before(r.at.Add(reservationLasts)) })
	i := slices.IndexFunc(l.held[a.site], func(r reservation) bool { return r.name == a.name })
	if i < 0 {
		return time.Time{}, false
	}
	return l.held[a.site][i].at, true
}

// hold reserves a try, and reports whether there was room for the reservation.
func (l *lines) hold(now time.Time, a attempt, at time.Time) bool {
	if _, ok := l.reserved(now, a); ok {
		return false // of another try of this site at the same time
	}
	held, known := l.held[a.site]
	if len(held) >= mostReserved || !known && len(l.held) >= mostSites {
		return false
	}
	l.held[a.site] = append(held, reservation{a.name, at})
	return true
}

func (l *lines) drop(a attempt) {
	l.keep(a.site, func(r reservation) bool { return r.name != a.name })
}

// keep removes the other reservations of a site.
func (l *lines) keep(site tried, which func(reservation) bool) {
	held, ok := l.held[site]
	if !ok {
		return
	}
	if held = slices.DeleteFunc(held, func(r reservation) bool { return !which(r) }); len(held) == 0 {
		delete(l.held, site)
		return
	}
	l.held[site] = held
}

// delay returns d, with news once for each time in which no try is free.
func (l *lines) delay(a attempt, d delay) *delay {
	d.news = !l.names[a.name].logged
	l.log(a, true)
	return &d
}

func (l *lines) log(a attempt, logged bool) {
	if known, ok := l.names[a.name]; ok {
		known.logged = logged
		l.names[a.name] = known
	}
}

// set stores the line of a name. Names that hashing can fill within the longest wait are
// fewer than most, so any name makes room for another.
func (l *lines) set(name tried, to line) {
	if _, known := l.names[name]; !known && len(l.names) >= l.most {
		for other := range l.names {
			delete(l.names, other)
			break
		}
	}
	l.names[name] = to
}

// forgetIdle forgets a name that has all its tries.
func (l *lines) forgetIdle(now time.Time, name tried) {
	if l.isIdle(now, name) {
		delete(l.names, name)
	}
}

// isIdle reports whether a name has all its tries.
func (l *lines) isIdle(now time.Time, name tried) bool {
	return !l.names[name].next.After(now.Add(-(lineBurst - 1) * lineInterval))
}

// sweep forgets idle names and expired reservations, once each interval.
func (l *lines) sweep(now time.Time) {
	if now.Sub(l.swept) < lineInterval {
		return
	}
	l.swept = now
	for name := range l.names {
		l.forgetIdle(now, name)
	}
	for site := range l.held {
		l.keep(site, func(r reservation) bool { return now.Before(r.at.Add(reservationLasts)) })
	}
}
