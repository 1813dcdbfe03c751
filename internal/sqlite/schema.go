package sqlite

import (
	"slices"
	"strings"
)

// A table is where its rows are, and what they have.
type table struct {
	root    uint32
	columns []string
	key     string // the column that is the row id, or ""
}

// readSchema reads the table of tables, which is at page 1.
func (f *File) readSchema() error {
	f.tables = map[string]table{
		"sqlite_schema": {root: 1, columns: []string{"type", "name", "tbl_name", "rootpage", "sql"}},
	}
	found := map[string]table{}
	err := f.Each("sqlite_schema", func(r Row) error {
		if root := r.Int("rootpage"); r.Text("type") == "table" && root > 0 && root <= int64(f.pages) {
			t := parseTable(r.Text("sql"))
			t.root = uint32(root)
			found[r.Text("name")] = t
		}
		return nil
	})
	f.tables = found
	return err
}

// HasColumns tells whether there is a table with at least these columns.
func (f *File) HasColumns(name string, columns ...string) bool {
	t, ok := f.tables[name]
	return ok && !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(t.columns, c) })
}

// parseTable reads the columns' names out of a CREATE TABLE.
func parseTable(sql string) (t table) {
	open := strings.IndexByte(sql, '(')
	if open < 0 {
		return t
	}
	for _, def := range definitions(sql[open+1:]) {
		name, rest := firstWord(def)
		if name == "" || isConstraint(def) {
			continue
		}
		t.columns = append(t.columns, name)
		rest = strings.ToUpper(rest)
		if kind, _ := firstWord(rest); kind == "INTEGER" && strings.Contains(rest, "PRIMARY KEY") {
			t.key = name
		}
	}
	return t
}

// definitions splits at the commas that are in no brackets and no quotes, up
// to the bracket that closes the first.
func definitions(sql string) (parts []string) {
	depth, begin := 0, 0
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; c {
		case '"', '\'', '`', '[':
			i += quoted(sql[i:]) - 1
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return append(parts, strings.TrimSpace(sql[begin:i]))
			}
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(sql[begin:i]))
				begin = i + 1
			}
		}
	}
	return parts
}

// quoted is the length of what begins with a quote, quotes included. A doubled
// quote inside begins another one, which comes to the same for its length.
func quoted(sql string) int {
	end := sql[0]
	if end == '[' {
		end = ']'
	}
	if i := strings.IndexByte(sql[1:], end); i >= 0 {
		return i + 2
	}
	return len(sql)
}

// firstWord returns a name, without its quotes, and what follows.
func firstWord(def string) (word, rest string) {
	if def == "" {
		return "", ""
	}
	if strings.ContainsRune("\"`[", rune(def[0])) {
		n := quoted(def)
		return strings.Trim(def[:n], "\"`[]"), strings.TrimSpace(def[n:])
	}
	if i := strings.IndexAny(def, " \t\r\n("); i >= 0 {
		return def[:i], strings.TrimSpace(def[i:])
	}
	return def, ""
}

// isConstraint tells a constraint of the table from a column.
func isConstraint(def string) bool {
	word, _, _ := strings.Cut(strings.ToUpper(def), " ")
	word, _, _ = strings.Cut(word, "(")
	return slices.Contains([]string{"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}, word)
}
