package console

import (
	"slices"

	"pagesession/internal/config"
)

// settingListPage is /admin/settings/.
type settingListPage struct {
	frame
	Set      []config.Value // by a flag, the environment or a file
	Defaults []config.Value
}

// settingList answers GET /admin/settings/: each setting of this server, and where it was set.
// Secrets are masked already.
func (s *console) settingList(r *request) error {
	p := &settingListPage{frame: s.frame(r, "Server settings")}
	p.Set = slices.DeleteFunc(slices.Clone(s.Settings), isDefault)
	p.Defaults = slices.DeleteFunc(slices.Clone(s.Settings), func(v config.Value) bool { return !isDefault(v) })
	return s.render(r, "setting_list", p)
}

func isDefault(v config.Value) bool { return v.From.Kind == config.FromDefault }
