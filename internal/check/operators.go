package check

import "fmt"

func debugOn(f Facts, say report) {
	if f.Settings.Debug {
		say("--debug is on: error pages list all routes.", "Leave --debug out.")
	}
}

func noBackups(f Facts, say report) {
	if f.Backups.Every == 0 && f.Settings.PostgreSQL == nil {
		say("The server makes no backups, so a broken disk takes operators, audit log and secret.key with it.",
			"Set --backup-every 24h, and --backup-dir to a folder on another disk; or run pagesession backup FILE regularly.")
	}
}

func failedBackup(f Facts, say report) {
	if f.Serving != nil && f.Serving.BackupFailed {
		say("The last backup failed.", "Run pagesession status, which says why, and remove the cause. The server tries again.")
	}
}

func lateBackups(f Facts, say report) {
	b := f.Backups
	if age := f.Clock.Now.Sub(b.Last); b.Every > 0 && !b.Last.IsZero() && age > 2*b.Every {
		say("The newest backup is of "+day(b.Last)+", though the server should make them more often.",
			"Keep the server running, and look for a failed backup in its log and in pagesession status.")
	}
}

func brokenAccounts(f Facts, say report) {
	if f.Accounts.Broken != "" {
		say("The operators' accounts cannot be read: "+f.Accounts.Broken+".", "Until they can, the console answers with 503.")
	}
}

func unreadAccounts(f Facts, say report) {
	if f.Accounts.Unread != "" {
		say("The operators' accounts were not looked at: "+f.Accounts.Unread+".", "Run the command as the server's user, or while the server runs.")
	}
}

func noOperator(f Facts, say report) {
	if f.Accounts.Known && !f.Accounts.Superuser {
		say("No superuser can sign in to the console.", "Create one on this machine, before others can reach the server: pagesession createsuperuser.")
	}
}

func secondFactorOptional(f Facts, say report) {
	if !f.Settings.SecondFactor {
		say("A password alone is enough for a superuser, and can be guessed, stolen or phished.", "Set --second-factor superusers, or required for all operators.")
	}
}

func superusersWithPasswordOnly(f Facts, say report) {
	n := f.Accounts.PasswordOnly
	if n == 0 {
		return
	}
	who := "1 superuser has"
	if n > 1 {
		who = fmt.Sprintf("%d superusers have", n)
	}
	say(who+" no second factor yet, so a stolen password is enough to become a superuser.",
		"Have them sign in and set one up, or run: pagesession users second-factor add USERNAME. Disable those who are not needed.")
}
