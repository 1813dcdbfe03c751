package session

import (
	"strconv"
	"time"
)

// appendHTTPDate appends an instant in UTC as RFC 9110 (5.6.7) writes it: "Mon, 02
// Jan 2006 15:04:05 GMT". time.AppendFormat parses that layout for each date, which
// costs more than the rest of the cookie.
func appendHTTPDate(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = append(b, t.Weekday().String()[:3]...)
	b = append(appendTwo(append(b, ", "...), day), ' ')
	b = append(append(b, month.String()[:3]...), ' ')
	b = append(strconv.AppendInt(b, int64(year), 10), ' ')
	b = append(appendTwo(b, hour), ':')
	b = append(appendTwo(b, minute), ':')
	return append(appendTwo(b, second), " GMT"...)
}

func appendTwo(b []byte, n int) []byte {
	return append(b, byte('0'+n/10), byte('0'+n%10))
}
