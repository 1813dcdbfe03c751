package config_test

import (
	"testing"

	"pagesession/internal/account"
)

func TestLoad_SecondFactor(t *testing.T) {
	for text, want := range map[string]account.Requirement{
		"optional": account.Optional, "superusers": account.Superusers, "required": account.Everyone,
	} {
		got, _, err := load(t, []string{"--second-factor=" + text}, nil)
		if err != nil || got.SecondFactor != want {
			t.Errorf("Load(--second-factor=%s) = %q, %v; want %q", text, got.SecondFactor, err, want)
		}
	}
	for _, bad := range []string{"", "Required", "none", "yes", "superuser", " required"} {
		assertBad(t, []string{"--second-factor=" + bad}, nil, "--second-factor=", "is not one of the three; use optional, superusers or required")
	}
	assertBad(t, nil, []string{"PAGESESSION_SECOND_FACTOR=on"}, `PAGESESSION_SECOND_FACTOR="on"`, "use optional, superusers or required")
}
