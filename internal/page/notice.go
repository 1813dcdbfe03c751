package page

// A Level says how much a notice matters, and with it how it is announced.
type Level uint8

// The levels, in rising order. Debug is for operators who asked for it.
const (
	Debug Level = iota
	Info
	Success
	Warning
	Error
)

// String returns "debug", "info", "success", "warning" or "error".
func (l Level) String() string {
	names := [...]string{"debug", "info", "success", "warning", "error"}
	if int(l) < len(names) {
		return names[l]
	}
	return "info"
}

// A Notice is a flash in words, as a page shows it once, at its top.
type Notice struct {
	Level Level
	Text  string
}

// Role is the notice's ARIA role: a warning or an error interrupts.
func (n Notice) Role() string {
	if n.Level >= Warning {
		return "alert"
	}
	return "status"
}
