package account

import (
	"fmt"
	"testing"
	"time"
)

// lineStart is any instant.
var lineStart = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// strangersFrom returns an attempt for a name from an address.
func strangersFrom(name, address string) attempt {
	return attempt{name: nameKey(name), network: networkKey(address), site: siteKey(address)}
}

// hostileSites returns so many attempts, each from another IPv4 address.
func hostileSites(name string, n int) (all []attempt) {
	for i := range n {
		all = append(all, strangersFrom(name, fmt.Sprintf("198.18.%d.%d", i/256, i%256)))
	}
	return all
}

// All hostile sites ask each second. A user who is new everywhere asks once, and again at the
// time that they are told: they wait 30 s for each hostile site, and no longer.
func TestThrottle_StrangerBesideGuesses(t *testing.T) {
	eachState(t, testThrottle_StrangerBesideGuesses)
}

func testThrottle_StrangerBesideGuesses(t *testing.T, newThrottle func() *tester) {
	for _, sites := range []int{1, 10, 50, 119} {
		th, now := newThrottle(), lineStart
		hostile := hostileSites("ada", sites)
		attack := func(d time.Duration) {
			for end := now.Add(d); now.Before(end); {
				now = now.Add(time.Second)
				for _, a := range hostile {
					th.guess(now, a) // before the user, at each time
				}
			}
		}
		attack(20 * time.Minute)
		user := strangersFrom("ada", "203.0.113.1")
		most := time.Duration(sites+1) * lineInterval
		wait := time.Duration(0)
		c, no := th.begin(now, user)
		if no != nil {
			if wait = no.wait; !no.reserved || wait > most {
				t.Fatalf("%d hostile sites: %+v; want a reserved try within %v", sites, no, most)
			}
			attack(wait + lineInterval) // a little late
			c, no = th.begin(now, user)
		}
		if no != nil {
			t.Fatalf("%d hostile sites: after %v: %+v; want the reserved try", sites, wait, no)
		}
		th.end(now, c, undecided)
		t.Logf("%d hostile sites: %v", sites, wait)
	}
}

// A hundred sites make no more guesses of a name than one each 30 s, and ten more.
func TestThrottle_GuessesOfANameAreBounded(t *testing.T) {
	eachState(t, testThrottle_GuessesOfANameAreBounded)
}

func testThrottle_GuessesOfANameAreBounded(t *testing.T, newThrottle func() *tester) {
	th, now, checked := newThrottle(), lineStart, 0
	const hours = 6
	hostile := hostileSites("ada", 100)
	for end := now.Add(hours * time.Hour); now.Before(end); now = now.Add(10 * time.Second) {
		for _, a := range hostile {
			if th.guess(now, a) {
				checked++
			}
		}
	}
	if want := lineBurst + hours*120; checked > want || checked < want-120 {
		t.Errorf("%d guesses in %d hours; want nearly %d", checked, hours, want)
	}
}

// All networks of an IPv6 /48 are one site.
func TestThrottle_SiteOfManyNetworks(t *testing.T) { eachState(t, testThrottle_SiteOfManyNetworks) }

func testThrottle_SiteOfManyNetworks(t *testing.T, newThrottle func() *tester) {
	th, now := newThrottle(), lineStart
	for range 600 {
		for i := range 200 {
			th.guess(now, strangersFrom("ada", fmt.Sprintf("2001:db8:1:%x::1", i)))
		}
		now = now.Add(time.Second)
	}
	if _, no := th.begin(now, strangersFrom("ada", "2001:db8:2::1")); no != nil && (!no.reserved || no.wait > 2*lineInterval) {
		t.Errorf("beside 200 networks of one site: %+v; want a try within %v", no, 2*lineInterval)
	}
}

// exhausted returns a throttle without a free try of the name, and one site's reservation.
func exhausted(t *testing.T, newThrottle func() *tester) (th *tester, user attempt, wait time.Duration) {
	t.Helper()
	th, user = newThrottle(), strangersFrom("ada", "203.0.113.1")
	for _, a := range hostileSites("ada", lineBurst) {
		th.guess(lineStart, a)
	}
	_, no := th.begin(lineStart, user)
	if no == nil || !no.reserved || no.wait != lineInterval || !no.news {
		t.Fatalf("the eleventh try: %+v; want one reserved in %v", no, lineInterval)
	}
	return th, user, no.wait
}

// Asking early neither moves nor renews a reservation, and it lasts for five minutes.
func TestThrottle_Reservation(t *testing.T) { eachState(t, testThrottle_Reservation) }

func testThrottle_Reservation(t *testing.T, newThrottle func() *tester) {
	th, user, wait := exhausted(t, newThrottle)
	for early := range wait / time.Second {
		if _, no := th.begin(lineStart.Add(early*time.Second), user); no == nil || no.wait != wait-early*time.Second || no.news {
			t.Fatalf("after %d s: %+v; want the same time, and no news", early, no)
		}
	}
	late := lineStart.Add(wait + reservationLasts - time.Second)
	for _, a := range hostileSites("ada", 2*lineBurst) { // they take what is free
		th.guess(late, a)
	}
	if c, no := th.begin(late, user); no != nil {
		t.Errorf("four minutes late: %+v; want the reserved try", no)
	} else if th.end(late, c, wrong); th.guess(late, user) {
		t.Error("a reservation counted twice")
	}

	th, user, wait = exhausted(t, newThrottle)
	late = lineStart.Add(wait + reservationLasts)
	for _, a := range hostileSites("ada", 2*lineBurst) {
		th.guess(late, a)
	}
	if th.guess(late, user) {
		t.Error("a reservation of five minutes ago counts")
	}
}

// A try whose password was not checked, or was right, stays with the site: a sign-in has a
// second step, and a busy server is no reason to wait again.
func TestThrottle_ReservationIsKeptForTheNextStep(t *testing.T) {
	eachState(t, testThrottle_ReservationIsKeptForTheNextStep)
}

func testThrottle_ReservationIsKeptForTheNextStep(t *testing.T, newThrottle func() *tester) {
	th, user, wait := exhausted(t, newThrottle)
	now := lineStart.Add(wait)
	for range 3 {
		c, no := th.begin(now, user)
		if no != nil {
			t.Fatalf("the reserved try: %+v", no)
		}
		for _, a := range hostileSites("ada", 2*lineBurst) {
			th.guess(now, a)
		}
		th.end(now, c, undecided)
		now = now.Add(time.Minute)
	}
	if !th.guess(now, user) {
		t.Error("a wrong guess with the reserved try was not checked")
	}
	for _, a := range hostileSites("ada", 2*lineBurst) {
		th.guess(now, a)
	}
	if th.guess(now, user) {
		t.Error("a wrong guess left the reservation")
	}
}

// Tries that are no wrong guesses cost a name nothing.
func TestThrottle_RightTriesAreFree(t *testing.T) { eachState(t, testThrottle_RightTriesAreFree) }

func testThrottle_RightTriesAreFree(t *testing.T, newThrottle func() *tester) {
	th := newThrottle()
	for i := range 100 {
		c, no := th.begin(lineStart, strangersFrom("ada", fmt.Sprintf("203.0.113.%d", i)))
		if no != nil {
			t.Fatalf("try %d: %+v; want it admitted", i, no)
		}
		th.end(lineStart, c, undecided)
	}
	if n := th.left(); n > 0 {
		t.Errorf("%d names or networks are remembered; want none", n)
	}
}

// Many sites and names take bounded memory: of reservations for one site, of sites, of names.
func TestThrottle_LinesAreBounded(t *testing.T) {
	th := inMemory(t)
	lines := th.state.(*memoryState).counts.lines
	lines.most = 100
	for n := range 200 {
		for _, a := range hostileSites(fmt.Sprint("name", n), 150) {
			th.guess(lineStart, a)
		}
	}
	for site, held := range lines.held {
		if len(held) > mostReserved {
			t.Fatalf("%d reservations of site %x; want at most %d", len(held), site[:4], mostReserved)
		}
	}
	if len(lines.names) > 100 || len(lines.held) > 150 {
		t.Errorf("%d names, %d sites; want at most 100 and 150", len(lines.names), len(lines.held))
	}
	for i := range 2 * mostSites {
		lines.hold(lineStart, strangersFrom("ada", fmt.Sprintf("10.%d.%d.1", i/256, i%256)), lineStart)
	}
	if len(lines.held) > mostSites {
		t.Errorf("%d sites; want at most %d", len(lines.held), mostSites)
	}
	lines.sweep(lineStart.Add(lineLongest + reservationLasts + lineInterval))
	if len(lines.names)+len(lines.held) > 0 {
		t.Errorf("%d names, %d sites after an hour; want none", len(lines.names), len(lines.held))
	}
}

// Nothing is reserved for longer than an hour.
func TestThrottle_LongestReservation(t *testing.T) { eachState(t, testThrottle_LongestReservation) }

func testThrottle_LongestReservation(t *testing.T, newThrottle func() *tester) {
	th, reserved := newThrottle(), 0
	for _, a := range hostileSites("ada", 200) {
		if _, no := th.begin(lineStart, a); no != nil && no.reserved {
			if reserved++; no.wait > lineLongest {
				t.Errorf("a try is reserved in %v; want at most %v", no.wait, lineLongest)
			}
		}
	}
	if want := int(lineLongest / lineInterval); reserved != want {
		t.Errorf("%d sites have a reservation; want %d", reserved, want)
	}
}
