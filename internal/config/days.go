package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// mostDays bounds how long something is kept: a hundred years.
const mostDays = 36_500

// days is the kind of long durations. It takes whole days, as in 400d, and what duration
// takes. none is the meaning of 0.
func days(example time.Duration, none string) kind[time.Duration] {
	bounds, such := fmt.Sprintf("1d to %dd", mostDays), "for example "+formatDays(example)+", or 0 for "+none
	return kind[time.Duration]{bounds + ", or 0 for " + none, func(s string) (time.Duration, error) {
		d, err := parseDays(s)
		switch {
		case err != nil:
			return 0, errors.New("is not a duration; use " + such)
		case d != 0 && (d < day || d > mostDays*day):
			return 0, fmt.Errorf("is out of range; use %s, %s", bounds, such)
		}
		return d, nil
	}, formatDays}
}

func parseDays(s string) (time.Duration, error) {
	number, whole := strings.CutSuffix(s, "d")
	if !whole {
		return time.ParseDuration(s)
	}
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil {
		return 0, err
	}
	return time.Duration(min(n, mostDays+1)) * day, nil
}

func formatDays(d time.Duration) string {
	if d == 0 || d%day != 0 {
		return formatDuration(d)
	}
	return strconv.FormatInt(int64(d/day), 10) + "d"
}
