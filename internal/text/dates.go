package text

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dateFields are the arguments of "date" and of the texts that say how a time
// is written; each takes those that it wants. hour24 has two digits.
var dateFields = []string{"year", "month", "day", "time", "hour", "hour12", "hour24", "minute", "second", "half"}

const (
	fieldYear = iota
	fieldMonth
	fieldDay
	fieldTime
	fieldHour
	fieldHour12
	fieldHour24
	fieldMinute
	fieldSecond
	fieldHalf
)

func isDate(key string) bool { return key == "date" || strings.HasPrefix(key, "date.") }

// dates are the texts that a date is made of.
type dates struct {
	date, time, hour, noon, midnight *pattern
	am, pm, first                    string
	months                           []string
}

// newDates takes the date texts out of a catalogue. One that has none, as in a
// test, can write no dates.
func newDates(l *Language) (dates, error) {
	if l.entries["date"] == nil {
		return dates{}, nil
	}
	var missing []string
	get := func(key string) *pattern {
		e := l.entries[key]
		if e == nil {
			missing = append(missing, key)
			return &pattern{literals: []string{""}}
		}
		return e.forms[0]
	}
	word := func(key string) string { return get(key).literals[0] }
	d := dates{
		date: get("date"), time: get("date.time"), hour: get("date.hour"),
		noon: get("date.noon"), midnight: get("date.midnight"),
		am: word("date.am"), pm: word("date.pm"), first: word("date.first"),
		months: strings.Fields(word("date.months")),
	}
	if len(missing) > 0 {
		return d, fmt.Errorf("missing are %q", missing)
	}
	if len(d.months) != 12 {
		return d, fmt.Errorf("%d months", len(d.months))
	}
	if slices.Contains(d.time.slots, fieldTime) || slices.Contains(d.hour.slots, fieldTime) {
		return d, fmt.Errorf("a time inside a time")
	}
	return d, nil
}

// AppendDate appends the date and the time of t, in t's own zone, as the
// language writes them. A full hour, noon and midnight have texts of their own:
// English has them as Django writes them, "10 p.m." and "noon".
func (l *Language) AppendDate(b []byte, t time.Time) []byte {
	var m moment
	m.year, m.month, m.day = t.Date()
	m.hour, m.minute, m.second = t.Clock()
	return l.dates.append(b, l.dates.date, m)
}

// A moment is a time taken apart once.
type moment struct {
	year                 int
	month                time.Month
	day                  int
	hour, minute, second int
}

func (d *dates) append(b []byte, p *pattern, t moment) []byte {
	for i, field := range p.slots {
		b = append(b, p.literals[i]...)
		b = d.appendField(b, field, t)
	}
	return append(b, p.literals[len(p.slots)]...)
}

func (d *dates) appendField(b []byte, field int, t moment) []byte {
	switch field {
	case fieldYear:
		return strconv.AppendInt(b, int64(t.year), 10)
	case fieldMonth:
		return append(b, d.months[t.month-1]...)
	case fieldDay:
		return d.appendDay(b, t.day)
	case fieldTime:
		return d.append(b, d.timeOf(t), t)
	case fieldHour:
		return strconv.AppendInt(b, int64(t.hour), 10)
	case fieldHour12:
		return strconv.AppendInt(b, int64((t.hour+11)%12+1), 10)
	case fieldHour24:
		return appendTwo(b, t.hour)
	case fieldMinute:
		return appendTwo(b, t.minute)
	case fieldSecond:
		return appendTwo(b, t.second)
	default:
		return d.appendHalf(b, t.hour)
	}
}

func (d *dates) timeOf(t moment) *pattern {
	switch {
	case t.minute != 0 || t.second != 0:
		return d.time
	case t.hour == 0:
		return d.midnight
	case t.hour == 12:
		return d.noon
	default:
		return d.hour
	}
}

// appendDay knows that a first may be no plain number: French has "1er".
func (d *dates) appendDay(b []byte, day int) []byte {
	if day == 1 {
		return append(b, d.first...)
	}
	return strconv.AppendInt(b, int64(day), 10)
}

func (d *dates) appendHalf(b []byte, hour int) []byte {
	if hour < 12 {
		return append(b, d.am...)
	}
	return append(b, d.pm...)
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
