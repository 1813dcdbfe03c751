package app

import "pagesession/internal/health"

// files returns the state of each session file.
func (a *app) files() []health.File {
	return []health.File{
		health.Of(a.store.FileStatus(), health.Visitors),
		health.Of(a.console.FileStatus(), health.Operators),
	}
}
