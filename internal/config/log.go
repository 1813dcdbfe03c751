package config

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// The values of --log-format.
const (
	LogAuto = "auto" // LogText on a terminal, otherwise LogJSON
	LogText = "text"
	LogJSON = "json"
)

// The values of --access-log.
const (
	AccessOff     = "off"
	AccessSampled = "sampled"
	AccessOn      = "on"
)

// The levels in the words of --log-level.
const levelNames = "debug, info, warn or error"

// logSettings are the settings of the server's log.
func logSettings() []setting {
	return []setting{{
		name:  "log-format",
		help:  "write the server's log, which goes to stderr, as `text`, as JSON, or auto: text on a terminal, otherwise JSON",
		note:  "each line is an object then; see LOGS.md",
		value: of(func(c *Config) *string { return &c.LogFormat }, choice(LogAuto, LogText, LogJSON), LogAuto),
	}, {
		name:  "log-level",
		help:  "write lines of the log from this `level` on: " + levelNames,
		value: of(func(c *Config) *slog.Level { return &c.LogLevel }, kind[slog.Level]{levelNames, parseLevel, levelName}, slog.LevelInfo),
	}, {
		name:  "access-log",
		help:  "add a line for each answer to the log: off, sampled for one in 100 answers and each failure of the server, or `on`",
		note:  "whatever --log-level is; see LOGS.md",
		value: of(func(c *Config) *string { return &c.AccessLog }, choice(AccessOff, AccessSampled, AccessOn), AccessOff),
	}}
}

// choice is the kind of a few words.
func choice(words ...string) kind[string] {
	last := len(words) - 1
	allowed := strings.Join(words[:last], ", ") + " or " + words[last]
	return kind[string]{allowed, func(s string) (string, error) {
		if !slices.Contains(words, s) {
			return "", fmt.Errorf("is unknown; use %s", allowed)
		}
		return s, nil
	}, itself}
}

// parseLevel reads a level by its name. slog's own reader takes INFO+2 as well.
func parseLevel(s string) (slog.Level, error) {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if levelName(level) == s {
			return level, nil
		}
	}
	return 0, fmt.Errorf("is not a level; use %s", levelNames)
}

func levelName(level slog.Level) string { return strings.ToLower(level.String()) }
