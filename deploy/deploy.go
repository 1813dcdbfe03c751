// Package deploy has the configuration files of this folder, for programs that use them.
package deploy

import _ "embed" // the file below

// nginxSeveral is the file as it stands.
//
//go:embed nginx-several.conf
var nginxSeveral string

// NginxSeveral returns nginx-several.conf.
func NginxSeveral() string { return nginxSeveral }
