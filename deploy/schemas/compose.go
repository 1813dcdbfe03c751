package schemas

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// Compose returns an error if these files, each of which adds to those before it, are not what the
// Compose specification allows, and otherwise what an engine would run. Variables without a
// default are empty.
func Compose(ctx context.Context, files ...types.ConfigFile) (*types.Project, error) {
	details := types.ConfigDetails{WorkingDir: filepath.Dir(files[0].Filename), ConfigFiles: files, Environment: types.Mapping{}}
	project, err := loader.LoadWithContext(ctx, details, func(o *loader.Options) { o.SetProjectName("pagesession", false) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files[len(files)-1].Filename, err)
	}
	return project, nil
}
