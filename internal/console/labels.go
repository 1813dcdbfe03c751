package console

import (
	"cmp"
	"html/template"
	"strconv"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/health"
	"pagesession/internal/monitor"
	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/storage/record"
)

// funcs are what the templates can call.
func (s *console) funcs() template.FuncMap {
	return template.FuncMap{
		"date":   s.date,
		"rate":   func(n float64) string { return write(n, monitor.PerSecond) },
		"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"zone":   func() string { return s.TimeZone.String() },
		"ms":     page.Millis,
		"words":  text.ShortDuration,
		"left":   func(d time.Duration) string { return text.ShortDuration(time.Duration(page.Seconds(d)) * time.Second) },
		"why":    whyEnded,
		"count":  text.Number[int],
		"many":   text.Number[uint32],
		"plural": text.Plural[int],
		"size":   func(n int64) string { return write(float64(n), monitor.Bytes) },
		// Methods, which templates do not call by name.
		"describes":   input.Describes,
		"fingerprint": record.Handle.Fingerprint,
		"fullName":    account.User.FullName,
		"hasFactor":   account.Factors.Any,
		"isZero":      time.Time.IsZero,
		"line":        (*logListPage).Line,
		"outcome":     (*endingPage).Outcome,
		"runs":        (*endingPage).Runs,
		"up":          func(p interface{ Up() string }) string { return p.Up() },
		"works":       health.File.OK,
		"browser":     browserOf,
		"permissions": func(u account.User) []string { return permissionLabels(u.Effective()) },
		"seconds":     func(d time.Duration) int { return int(d.Seconds()) },
	}
}

// date writes an instant in the console's zone; the zero one is "never".
func (s *console) date(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	local := t.In(s.TimeZone)
	return s.english.Date(local) + local.Format(" MST")
}

// labels are the fields of forms and audit entries, as people call them.
var labels = map[string]string{
	account.FieldUsername:    "username",
	account.FieldEmail:       "email",
	account.FieldFirstName:   "first name",
	account.FieldLastName:    "last name",
	account.FieldActive:      "active",
	account.FieldStaff:       "staff",
	account.FieldSuperuser:   "superuser",
	account.FieldGroups:      "groups",
	account.FieldPermissions: "permissions",
	account.FieldPassword:    "password",
	account.FieldName:        "name",

	account.FieldSecondFactor: "second factor",
	account.ByTOTP:            "authenticator app",
	account.ByRecoveryCode:    "recovery code",
	account.ByPasskey:         "passkey",
	account.FieldCopied:       "it may have been copied",
}

func fieldLabels(fields []string) []string {
	all := make([]string, len(fields))
	for i, field := range fields {
		all[i] = cmp.Or(labels[field], field)
	}
	return all
}

func userURL(id uint64) string  { return "/admin/users/" + strconv.FormatUint(id, 10) + "/" }
func groupURL(id uint64) string { return "/admin/groups/" + strconv.FormatUint(id, 10) + "/" }
