package console

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

// fields returns all values of a POST's form that have this name, as copies.
// Unlike FormValue it does not look into the query, where a password would get
// into logs and histories.
func (v *visit) fields(name string) []string {
	if v.Method() != fiber.MethodPost {
		return nil
	}
	var all []string
	for _, value := range v.Request().PostArgs().PeekMulti(name) {
		all = append(all, string(value))
	}
	if all != nil {
		return all
	}
	form, err := v.MultipartForm()
	if err != nil {
		return nil
	}
	for _, value := range form.Value[name] {
		all = append(all, strings.Clone(value))
	}
	return all
}

// field returns a field of a POST's form as it came: a password.
func (v *visit) field(name string) string {
	if all := v.fields(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// text returns a field that is shown again: valid UTF-8, without the space
// around it that nobody typed on purpose.
func (v *visit) text(name string) string { return clean(v.field(name)) }

// asked returns a parameter of the address as text does a field.
func (v *visit) asked(name string) string { return clean(v.query(name)) }

func clean(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")) }

// checked tells whether a box of the form was ticked.
func (v *visit) checked(name string) bool { return v.field(name) != "" }

// query returns a parameter of the address, a copy.
func (v *visit) query(name string) string { return string(v.Context().QueryArgs().Peek(name)) }

// asking returns the ids in a request for several objects: in the address of the
// question, in the form of the answer.
func (v *visit) asking() []uint64 {
	if v.Method() == fiber.MethodPost {
		return numbers(v.fields("id"))
	}
	var texts []string
	for _, value := range v.Context().QueryArgs().PeekMulti("id") {
		texts = append(texts, string(value))
	}
	return numbers(texts)
}

// id returns the number in the address of an object; 0, which is nobody's, if
// there is none.
func (v *visit) id() uint64 {
	ids := numbers([]string{v.Params("id")})
	if len(ids) == 0 {
		return 0
	}
	return ids[0]
}

// numbers reads ids. What is none, or one that is written otherwise than we do,
// is left out.
func numbers(texts []string) []uint64 {
	var all []uint64
	for _, text := range texts {
		if n, err := strconv.ParseUint(text, 10, 64); err == nil && strconv.FormatUint(n, 10) == text {
			all = append(all, n)
		}
	}
	return all
}

// leave goes on to a page after something was done, or to the console's first
// page if that is not for this user.
func (v *visit) leave(may bool, page string) error {
	if !may {
		page = "/admin/"
	}
	return v.Redirect(page, fiber.StatusSeeOther)
}

// saved goes on to where the button that was pressed leads: the object again,
// another one, or the list.
func (v *visit) saved(object, list string, mayAdd bool) error {
	switch {
	case v.checked("_continue"):
		return v.leave(true, object)
	case v.checked("_addanother") && mayAdd:
		return v.leave(true, list+"add/")
	default:
		return v.leave(true, list)
	}
}

// A form is what every page with one has: what is wrong with it, field by field
// and as a whole.
type form struct {
	Errors account.ValidationErrors
	Wrong  string // a sentence on the whole
}

// tellDiffer puts in what twice found wrong. The accounts got no password then,
// and complained of that.
func (f *form) tellDiffer(differ account.ValidationErrors) {
	if f.Errors != nil && differ != nil {
		f.Errors[account.FieldPassword] = differ[account.FieldPassword]
	}
}

// An input is a line of a form: what was typed, and what is wrong with it.
type input struct {
	Name, Label, Value string
	Type               string // of the element: text, email
	Max                int    // characters
	Required           bool
	Hint               string
	Errors             []string
}

// Describes are the elements that say more about the line, for its
// aria-describedby.
func (i input) Describes() string {
	var ids []string
	if len(i.Errors) > 0 {
		ids = append(ids, i.Name+"-error")
	}
	if i.Hint != "" {
		ids = append(ids, i.Name+"-hint")
	}
	return strings.Join(ids, " ")
}
