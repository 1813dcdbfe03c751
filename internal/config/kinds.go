package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/listen"
)

// kind reads and writes values of a type. An error of parse completes the sentence
// `NAME="value" …` and says what to write instead.
type kind[T any] struct {
	allowed string
	parse   func(string) (T, error)
	show    func(T) string
}

const day = 24 * time.Hour

func itself(s string) string { return s }

func parseAddr(s string) (string, error) {
	_, err := listen.Parse(s)
	return s, err
}

func parseMetricsAddr(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	return parseAddr(s)
}

func parseFolder(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("is empty; name a folder, for example ./data")
	}
	if strings.ContainsRune(s, 0) {
		return "", errors.New("has a NUL byte; name a folder, for example ./data")
	}
	return s, nil
}

// duration is the kind of durations within two bounds. none is the meaning of 0; if it
// is "", 0 is refused.
func duration(from, to, example time.Duration, none string) kind[time.Duration] {
	bounds, such := formatDuration(from)+" to "+formatDuration(to), "for example "+formatDuration(example)
	allowed, beyond := bounds, such
	if none != "" {
		none = "or 0 for " + none
		allowed, such, beyond = bounds+", "+none, such+", "+none, none
	}
	return kind[time.Duration]{allowed, func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		switch {
		case err != nil:
			return 0, errors.New("is not a duration; use " + such)
		case d == 0 && none != "":
			return 0, nil
		case d < from || d > to:
			return 0, fmt.Errorf("is out of range; use %s, %s", bounds, beyond)
		}
		return d, nil
	}, formatDuration}
}

// formatDuration writes d as people type it: 12h, while d.String() is 12h0m0s.
func formatDuration(d time.Duration) string {
	s := d.String()
	if d == 0 {
		return "0"
	}
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func number(from, to, example int) kind[int] {
	allowed := fmt.Sprintf("%d to %d", from, to)
	return kind[int]{allowed, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < from || n > to {
			return 0, fmt.Errorf("is not a number from %s; use for example %d", allowed, example)
		}
		return n, nil
	}, strconv.Itoa}
}

func yesNo() kind[bool] {
	return kind[bool]{"true or false", func(s string) (bool, error) {
		yes, err := strconv.ParseBool(s)
		if err != nil {
			return false, errors.New("is not a boolean; use true or false")
		}
		return yes, nil
	}, strconv.FormatBool}
}
