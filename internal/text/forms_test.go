package text

import "testing"

func TestLanguage_Forms(t *testing.T) {
	l, err := Load(English)
	if err != nil {
		t.Fatal(err)
	}
	forms, err := l.Forms("unit.seconds")
	want := []Form{{"one", "{n} second"}, {"other", "{n} seconds"}}
	if err != nil || len(forms) != 2 || forms[0] != want[0] || forms[1] != want[1] {
		t.Errorf("Forms(unit.seconds) = %v, %v; want %v", forms, err, want)
	}
	for _, key := range []string{"home.title", "get.title", "nothing"} {
		if forms, err := l.Forms(key); err == nil {
			t.Errorf("Forms(%s) = %v; want an error", key, forms)
		}
	}
}
