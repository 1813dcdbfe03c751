package console

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"regexp"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/server"
)

// An exportFile is what an export answers with. The lines of a CSV file begin with its headings.
type exportFile struct {
	name  string // of the file, without its ending
	data  any    // for JSON
	lines func() [][]string
}

// sendFile answers with a file in the form that the request asks for: JSON, or else CSV.
func sendFile(r *request, e exportFile) error {
	var file bytes.Buffer
	write, kind, media := e.csv, "csv", "text/csv; charset=utf-8"
	if r.field("as") == "json" {
		write, kind, media = e.json, "json", fiber.MIMEApplicationJSONCharsetUTF8
	}
	if err := write(&file); err != nil {
		return err
	}
	r.Attachment(e.name + "." + kind)
	r.Set(fiber.HeaderContentType, media)
	server.Download(r.Context(), io.NopCloser(&file), file.Len())
	return nil
}

func (e exportFile) json(w io.Writer) error {
	to := json.NewEncoder(w)
	to.SetIndent("", "  ")
	return to.Encode(e.data)
}

// csv writes the lines with every cell inert.
func (e exportFile) csv(w io.Writer) error {
	lines := e.lines()
	for _, line := range lines {
		for i := range line {
			line[i] = inert(line[i])
		}
	}
	return csv.NewWriter(w).WriteAll(lines)
}

// formula matches where a spreadsheet can take a text for a formula: at its beginning, and
// behind what separates cells, which is a semicolon in some languages.
var formula = regexp.MustCompile(`(^|[;\t\r\n])("*)([=+\-@]|[\t\r\n])`)

// inert is a text that a spreadsheet does not take for a formula. Visitors write names and
// agents, and anyone a name that fails to sign in.
func inert(s string) string { return formula.ReplaceAllString(s, "$1$2'$3") }
