package monitor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strconv"
	"time"
)

// The format of a Day's samples: a line with its number and the CRC-32C of what follows, then
// JSON. Figures have their names, so versions with others read what they know.
const (
	dayFormat = 1
	dayHead   = "pagesession dashboard %d %08x\n"
	// MaxDayBytes is far above what DayKept samples need.
	MaxDayBytes = 1 << 20
)

// Errors of DecodeDay: the samples are damaged, of a later version, or from the future, as after
// the clock was set back.
var (
	ErrDayDamaged = errors.New("damaged")
	ErrDayNewer   = errors.New("written by a later version")
	ErrDayFuture  = errors.New("from the future; was the clock set back?")
)

// dayBody is the JSON: the names of the figures, and each sample as AppendSamples writes it.
type dayBody struct {
	Figures []string     `json:"figures"`
	Samples [][]*float64 `json:"samples"`
}

// Encode returns the samples in the format that DecodeDay reads.
func (d *Day) Encode() []byte {
	samples, _ := d.After(0)
	names := make([]string, len(Figures))
	for i, f := range Figures {
		names[i] = f.Name
	}
	body, _ := json.Marshal(names) // of strings, which cannot fail
	body = append(append([]byte(`{"figures":`), body...), `,"samples":`...)
	body = append(AppendSamples(body, InOrder(samples)), "}\n"...)
	return append(fmt.Appendf(nil, dayHead, dayFormat, sum(body)), body...)
}

func sum(body []byte) uint32 { return crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) }

// DecodeDay returns the samples of the 24 hours before now. Errors: ErrDayDamaged, ErrDayNewer,
// ErrDayFuture.
func DecodeDay(content []byte, now time.Time) ([]Sample, error) {
	head, rest, _ := bytes.Cut(content, []byte("\n"))
	var format int
	var crc uint32
	if _, err := fmt.Sscanf(string(head)+"\n", dayHead, &format, &crc); err != nil || format < 1 {
		return nil, ErrDayDamaged
	}
	if format > dayFormat {
		return nil, ErrDayNewer
	}
	var body dayBody
	if crc != sum(rest) || json.Unmarshal(rest, &body) != nil || len(body.Samples) > DayKept {
		return nil, ErrDayDamaged
	}
	all, err := body.samples()
	if err != nil {
		return nil, err
	}
	if n := len(all); n > 0 && all[n-1].At.After(now.Add(DayStep)) {
		return nil, ErrDayFuture
	}
	return slices.DeleteFunc(all, func(s Sample) bool { return now.Sub(s.At) > 24*time.Hour }), nil
}

// samples returns the samples with the figures of this version, NaN for those that the file lacks.
func (b dayBody) samples() ([]Sample, error) {
	var all []Sample
	for i, row := range b.Samples {
		if len(row) != 2+len(b.Figures) || row[0] == nil || row[1] == nil || !(*row[0] >= 0 && *row[0] < 1<<53 && math.Abs(*row[1]) < 1e12) {
			return nil, ErrDayDamaged
		}
		s := Sample{Seq: uint64(*row[0]), At: time.UnixMilli(int64(math.Round(*row[1] * 1000))), Values: make([]float64, len(Figures))}
		if i > 0 && (s.Seq <= all[i-1].Seq || !s.At.After(all[i-1].At)) {
			return nil, ErrDayDamaged
		}
		for j, f := range Figures {
			s.Values[j] = math.NaN()
			if at := slices.Index(b.Figures, f.Name); at >= 0 && row[2+at] != nil {
				s.Values[j] = *row[2+at]
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// AppendSamples writes samples as JSON: [[number, seconds since 1970, figure, ...], ...], and null
// for NaN and for what is too large to be a figure.
func AppendSamples(b []byte, samples []Sample) []byte {
	b = append(b, '[')
	for i, s := range samples {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(append(b, '['), s.Seq, 10)
		b = append(b, ',')
		b = strconv.AppendFloat(b, float64(s.At.UnixMilli())/1000, 'f', -1, 64)
		for _, n := range s.Values {
			b = appendNumber(append(b, ','), n)
		}
		b = append(b, ']')
	}
	return append(b, ']')
}

func appendNumber(b []byte, n float64) []byte {
	if n = math.Round(n*1000) / 1000; math.IsNaN(n) || math.IsInf(n, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, n, 'f', -1, 64)
}
