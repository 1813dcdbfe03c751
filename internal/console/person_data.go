package console

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/storage/record"
)

// A personPage offers to export and to erase what is kept of a person: an operator, or the
// visitor of a session.
type personPage struct {
	frame
	form
	Operator bool
	Subject  bool   // the visitor's sessions have a subject, so it is about all of them
	URL      string // of this page
	Words    string // to be typed
	Cannot   string // why nothing can be erased here; "" if it can
}

// A subject of such a page.
type personal struct {
	personPage
	who  control.Person
	file string // of an export; without a name, because browsers list it
	left string // where to go when it is erased
}

// operatorData is the operator of the address.
func (s *console) operatorData(r *request) (p personal, err error) {
	u, o, err := s.users().at(r)
	if err != nil {
		return p, err
	}
	p = personal{who: control.Person{Username: u.Username}, file: fmt.Sprintf("operator-%d.json", u.ID), left: "/admin/users/"}
	p.frame = s.frame(r, "Data of "+u.Username, usersCrumb, crumb{u.Username, o.URL})
	p.Operator, p.URL, p.Words = true, o.URL+"data/", u.Username
	if u.ID == r.user.ID {
		p.Cannot = "This is you. Another superuser can erase your data."
	}
	return p, nil
}

// visitorData is the visitor of the session in the address.
func (s *console) visitorData(r *request) (p personal, err error) {
	row, err := s.sessionOf(r)
	if err != nil {
		return p, err
	}
	if row.State != record.Live {
		return p, fmt.Errorf("%w; its data is deleted", control.ErrEnded)
	}
	name := row.Handle.Fingerprint()
	p = personal{who: control.Person{Session: row.Handle.String()}, file: "visitor-" + name + ".json", left: "/admin/sessions/"}
	if row.Subject != "" {
		p.who, p.Subject = control.Person{Subject: row.Subject}, true
	}
	p.frame = s.frame(r, "Data of the visitor of session "+name, crumb{"Sessions", "/admin/sessions/"}, crumb{name, sessionURL(row.Handle)})
	p.URL, p.Words = sessionURL(row.Handle)+"data/", name
	return p, nil
}

// The handlers of both kinds of people.
type personOf func(*request) (personal, error)

// gone answers when there is no data of a person. The page of a session that has ended
// says so.
func gone(r *request, err error) error {
	if errors.Is(err, control.ErrEnded) {
		return r.Redirect("/admin/sessions/"+r.Params("handle")+"/", fiber.StatusSeeOther)
	}
	return err
}

// personForm answers GET .../data/.
func (s *console) personForm(of personOf) func(*request) error {
	return func(r *request) error {
		p, err := of(r)
		if err != nil {
			return gone(r, err)
		}
		return s.showPerson(r, p, form{})
	}
}

func (s *console) showPerson(r *request, p personal, f form) error {
	p.form = f
	return s.render(r, "person_data", &p.personPage)
}

// personExport answers POST .../data/export/ with a file. It is a POST because it is
// recorded.
func (s *console) personExport(of personOf) func(*request) error {
	return func(r *request) error {
		p, err := of(r)
		if err != nil {
			return gone(r, err)
		}
		return operateThen(s, r, control.ExportPerson, p.who, func(data control.PersonalData) error {
			text, err := json.MarshalIndent(data, "", "  ")
			if err != nil {
				return err
			}
			r.Attachment("pagesession-" + p.file)
			r.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
			return r.Send(text)
		})
	}
}

// personErase answers POST .../data/erase/. The operator has typed who it is.
func (s *console) personErase(of personOf) func(*request) error {
	return func(r *request) error {
		p, err := of(r)
		if err != nil {
			return gone(r, err)
		}
		if p.Cannot != "" {
			r.Status(fiber.StatusForbidden)
			return s.showPerson(r, p, form{})
		}
		if r.text("words") != p.Words {
			r.Status(fiber.StatusUnprocessableEntity)
			return s.showPerson(r, p, form{Wrong: "The text does not match. Nothing was erased."})
		}
		err = operate(s, r, control.ErasePerson, p.who, func(done control.Erased) { s.flashErased(r, p, done) })
		if errors.Is(err, control.ErrEnded) {
			return gone(r, err)
		}
		if errors.Is(err, control.ErrNoPerson) || errors.Is(err, control.ErrNoSession) {
			err = page.Status(fiber.StatusNotFound)
		}
		if err != nil {
			return refuse(r, err, func(f form) error { return s.showPerson(r, p, f) })
		}
		return r.leave(opens(r.user, p.left), p.left)
	}
}

func (s *console) flashErased(r *request, p personal, done control.Erased) {
	switch {
	case done.NotOnDisk:
		s.flash(r, page.Warning, "person.later")
	case p.Operator:
		s.flashCount(r, page.Success, "operator.erased.1", "operator.erased", done.Entries)
	default:
		s.flashCount(r, page.Success, "visitor.erased.1", "visitor.erased", done.Sessions)
	}
}
