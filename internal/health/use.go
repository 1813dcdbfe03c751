package health

import "fmt"

// A Use is how much of a limit is in use.
type Use struct {
	Of         string // what is limited
	Used, Most int64  // Used below 0: unknown; Most 0: there is no limit, or it is unknown
	Bytes      bool   // they count bytes
}

// String returns for example "connections: 120 of 10000 (1 %)".
func (u Use) String() string {
	used := u.amount(u.Used)
	if u.Used < 0 {
		used = "unknown"
	}
	if u.Most <= 0 {
		return u.Of + ": " + used
	}
	if u.Used < 0 {
		return u.Of + ": " + used + ", at most " + u.amount(u.Most)
	}
	return fmt.Sprintf("%s: %s of %s (%.0f %%)", u.Of, used, u.amount(u.Most), 100*float64(u.Used)/float64(u.Most))
}

func (u Use) amount(n int64) string {
	const mib = 1 << 20
	switch {
	case !u.Bytes:
		return fmt.Sprint(n)
	case n < 10*1024*mib:
		return fmt.Sprintf("%.1f MiB", float64(n)/mib)
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1024*mib))
}
