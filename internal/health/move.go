package health

import "fmt"

// FilePlace names the file in the data folder where a move says from where or to where
// sessions move. Redis is named by its URL.
const FilePlace = "file"

// NewSetting says what to change after a move to a place.
func NewSetting(to string) string {
	if to == FilePlace {
		return "remove --sessions from the settings, because a start with it is refused"
	}
	return "set --sessions " + to + ", because a start without it is refused"
}

// WithMove returns the state of a session store with a sentence on the move that brings the
// sessions to it. paused is why nothing moves now; nil: it does.
func WithMove(f File, to string, moved, of int, done bool, paused error) File {
	says := fmt.Sprintf("Sessions are moving here, %d of about %d have.", moved, max(of, moved))
	public := says
	switch {
	case done:
		says = "All sessions have moved here. Change the settings now: " + NewSetting(to) + "."
		public = "All sessions have moved here. Change the settings now; pagesession status says to what."
	case paused != nil:
		says += fmt.Sprintf(" The move is paused: %v. The server tries again each second.", paused)
		public += " The move is paused. The server tries again each second."
	}
	if f.Notice != "" {
		says, public = says+" "+f.Notice, public+" "+f.Notice
	}
	f.Notice, f.Public = says, public
	return f
}
