package text

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// dateFields are the arguments of "date" and of the texts that it is made of.
// Each text uses those that it wants. hour24, minute and second have two digits.
var dateFields = []string{"year", "month", "day", "time", "hour", "hour12", "hour24", "minute", "second", "half"}

// The fields that are texts themselves.
const (
	fieldDay  = 2
	fieldTime = 3
	fieldHalf = 9
)

func isDate(key string) bool { return key == "date" || strings.HasPrefix(key, "date.") }

// loadDates checks the date texts, if there are any, and reads the months.
func (l *Language) loadDates() error {
	if l.entries["date"] == nil {
		return nil
	}
	var missing []string
	for _, name := range []string{"time", "hour", "noon", "midnight", "am", "pm", "first", "months"} {
		e := l.entries["date."+name]
		switch {
		case e == nil:
			missing = append(missing, "date."+name)
		case name != "months" && slices.Contains(e.forms[0].slots, fieldTime):
			return fmt.Errorf("a time inside a time")
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("missing are %q", missing)
	}
	l.months = strings.Fields(l.entries["date.months"].forms[0].literals[0])
	if len(l.months) != 12 {
		return fmt.Errorf("%d months", len(l.months))
	}
	return nil
}

// Date writes the date and the time of t in t's own zone. A full hour, noon,
// midnight and the first of a month have texts of their own: "10 p.m.", "1er".
func (l *Language) Date(t time.Time) string {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	args := []any{year, l.months[month-1], day, "", hour, (hour+11)%12 + 1, twoDigits(hour), twoDigits(minute), twoDigits(second), ""}
	write := func(key string) string { return l.T(key, args...) }
	if day == 1 {
		args[fieldDay] = write("date.first")
	}
	half, clock := "date.am", "date.time"
	if hour >= 12 {
		half = "date.pm"
	}
	if minute == 0 && second == 0 {
		switch clock = "date.hour"; hour {
		case 0:
			clock = "date.midnight"
		case 12:
			clock = "date.noon"
		}
	}
	args[fieldHalf] = write(half)
	args[fieldTime] = write(clock)
	return write("date")
}

func twoDigits(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }
