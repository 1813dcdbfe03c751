package record_test

import (
	"errors"
	"testing"

	"pagesession/storage/record"
)

func TestMove_ReadsWhatItWrites(t *testing.T) {
	for _, m := range []record.Move{
		{}, {record.MovingTo, "redis://127.0.0.1:6379"}, {record.MovedTo, "file"}, {record.MovingFrom, "redis+cluster://a:1,b:2"},
	} {
		if got, err := record.ParseMove(m.String()); got != m || err != nil {
			t.Errorf("ParseMove(%q) = %v, %v; want %v", m.String(), got, err, m)
		}
	}
	for _, s := range []string{"moving", "moving to ", " file", "copied to file"} {
		if m, err := record.ParseMove(s); err == nil {
			t.Errorf("ParseMove(%q) = %v; want an error", s, m)
		}
	}
	if err := error(&record.MovedError{Move: record.Move{Way: record.MovedTo, Place: "file"}}); !errors.Is(err, record.ErrMoved) {
		t.Errorf("%v is not ErrMoved", err)
	}
}
