package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

// A format is a kind of package.
type format struct {
	packager nfpm.Packager
	file     func(version, arch string) string
	adapt    func(*nfpm.Info)
}

var formats = []format{
	{deb.Default, debFile, adaptDeb},
	{rpm.DefaultRPM, rpmFile, adaptRPM},
}

func debFile(version, arch string) string { return fmt.Sprintf("pagesession_%s_%s.deb", version, arch) }

func rpmFile(version, arch string) string {
	return fmt.Sprintf("pagesession-%s-1.%s.rpm", version, map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[arch])
}

// adaptDeb: useradd is in passwd. The certificates of authorities are for --domain and for Redis
// and PostgreSQL with TLS, and a reload needs procps's kill. Of all compressions zstd is the
// fastest, and every Debian, Ubuntu and distribution with rpm that still gets fixes reads it.
func adaptDeb(info *nfpm.Info) {
	info.Depends, info.Recommends = []string{"passwd"}, []string{"ca-certificates", "procps"}
	info.Deb.Compression = "zstd"
}

// adaptRPM: useradd is in packages of different names, so the file is required. The name of the machine
// that built it would differ from build to build.
func adaptRPM(info *nfpm.Info) {
	info.Release, info.RPM.BuildHost, info.RPM.Compression = "1", "localhost", "zstd"
	info.Depends, info.Recommends = []string{"/usr/sbin/useradd"}, []string{"ca-certificates"}
}

// info describes a package. It is made anew for each, because the packager changes it.
func (r *run) info(s *staging) *nfpm.Info {
	script := func(name string) string { return filepath.Join(r.source, "deploy", "packages", "scripts", name) }
	info := &nfpm.Info{
		Name: "pagesession", Arch: s.program.arch, Platform: "linux",
		Version: packageVersion(s.program.version), VersionSchema: "none",
		Section: "net", Priority: "optional", Maintainer: r.maintainer, License: "MIT",
		Description: "session server whose unused sessions end by themselves\n" +
			"pagesession serves web pages and keeps a session for each visitor. A\n" +
			"session ends after a time without a visit. Operators watch and end\n" +
			"sessions in a console.",
		MTime: s.program.built, DisableGlobbing: true,
	}
	for _, c := range s.contents {
		info.Contents = append(info.Contents, clone(c))
	}
	info.Scripts = nfpm.Scripts{PostInstall: script("postinstall.sh"), PreRemove: script("preremove.sh"), PostRemove: script("postremove.sh")}
	return info
}

func clone(c *files.Content) *files.Content {
	copied, about := *c, *c.FileInfo
	copied.FileInfo = &about
	return &copied
}

// write makes the package beside an old one and renames it, so an error leaves the old one.
func (f format) write(path string, info *nfpm.Info) (err error) {
	f.adapt(info)
	out, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // nothing is there after the rename
	err = f.packager.Package(info, out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(out.Name(), path)
}
