package config

import "time"

// Backups says where a server keeps backups.
type Backups struct {
	Dir   string        // a folder; "" for backups in the data folder
	Every time.Duration // 0: only operators make some
	Keep  int           // the newest so many
}

// backupSettings are the settings of backups.
func backupSettings() []setting {
	every := duration(time.Hour, 90*day, day, "none")
	return []setting{{
		name:  "backup-dir",
		help:  "keep backups in this `folder`; empty for backups in the data folder",
		note:  "a missing folder is made, in a folder that is there; choose one on another disk, and see BACKUP.md",
		value: of(func(c *Config) *string { return &c.Backups.Dir }, kind[string]{"a folder, or empty", parsePath, itself}, ""),
	}, {
		name:  "backup-every",
		help:  "make a backup each time this `duration` has passed since the newest one, " + every.allowed,
		note:  "several servers with --sessions make one of them together",
		value: of(func(c *Config) *time.Duration { return &c.Backups.Every }, every, 0),
	}, {
		name:  "backup-keep",
		help:  "keep this `number` of backups, and remove the oldest after a new one is made",
		value: of(func(c *Config) *int { return &c.Backups.Keep }, number(1, 1000, 7), 7),
	}}
}
