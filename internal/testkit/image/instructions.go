package image

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

var errUnknown = errors.New("the tests do not know this; teach it to internal/testkit/image")

// add carries out an instruction.
func (s *Stage) add(name, rest string) (err error) {
	switch name {
	case "RUN":
		s.Runs = append(s.Runs, rest)
	case "COPY":
		return s.copies(rest)
	case "ARG":
		return s.pairs(rest, s.args)
	case "ENV":
		return s.pairs(rest, s.Env)
	case "LABEL":
		return s.pairs(rest, s.Labels)
	case "USER":
		s.User = rest
	case "WORKDIR":
		s.WorkDir = rest
	case "STOPSIGNAL":
		s.StopSignal = rest
	case "VOLUME":
		s.Volumes = append(s.Volumes, strings.Fields(rest)...)
	case "EXPOSE":
		s.Ports = append(s.Ports, strings.Fields(rest)...)
	case "ENTRYPOINT":
		s.Entrypoint, err = list(rest)
	case "HEALTHCHECK":
		return s.healthCheck(rest)
	default:
		return errUnknown
	}
	return err
}

// pair matches NAME=VALUE and NAME="VALUE WITH SPACES".
var pair = regexp.MustCompile(`^([\w.-]+)=(?:"([^"\\]*)"|([^\s"\\]*))(?:\s+|$)`)

// pairs reads pairs, with the build's arguments in their values.
func (s *Stage) pairs(rest string, into map[string]string) error {
	for rest != "" {
		found := pair.FindStringSubmatch(rest)
		if found == nil {
			return fmt.Errorf("%q is not NAME=VALUE", rest)
		}
		into[found[1]] = os.Expand(found[2]+found[3], func(name string) string { return s.args[name] })
		rest = rest[len(found[0]):]
	}
	return nil
}

func (s *Stage) copies(rest string) error {
	given, words := options(rest)
	if len(words) != 2 {
		return errors.New("it has not one source and one destination")
	}
	c := Copy{Source: words[0], Dest: words[1]}
	for name, value := range given {
		switch name {
		case "from":
			c.From = value
		case "chown":
			c.Owner = value
		case "chmod":
			c.Mode = value
		default:
			return fmt.Errorf("--%s: %w", name, errUnknown)
		}
	}
	s.Copies = append(s.Copies, c)
	return nil
}

func (s *Stage) healthCheck(rest string) (err error) {
	options, command, ok := strings.Cut(rest, "CMD ")
	if !ok {
		return errUnknown
	}
	s.checks = map[string]string{}
	for word := range strings.FieldsSeq(options) {
		name, value, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		s.checks[name] = value
	}
	s.HealthCheck, err = list(command)
	return err
}

// options divides an instruction into its options and its other words.
func options(rest string) (given map[string]string, words []string) {
	given = map[string]string{}
	for word := range strings.FieldsSeq(rest) {
		if option, ok := strings.CutPrefix(word, "--"); ok {
			name, value, _ := strings.Cut(option, "=")
			given[name] = value
			continue
		}
		words = append(words, word)
	}
	return given, words
}
