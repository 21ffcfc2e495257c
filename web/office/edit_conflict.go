package officeweb

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// editConflict tells what has changed on a thing since the version a form was
// opened with: which fields, from what to what, by whom and when. Only fields
// of the form are told, in its order; what the trail knows by id is called by
// its name.
func editConflict(ctx context.Context, db postgres.DB, f company.Format, thing string, id, version int64, fields problem.Fields) (officeview.EditConflict, error) {
	changes, err := audit.Since(ctx, db, thing, id, version)
	if err != nil {
		return officeview.EditConflict{}, err
	}
	conflict := officeview.EditConflict{Happened: true}
	var latest audit.Change
	before, after := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for _, c := range changes {
		if c.At.After(latest.At) {
			latest = c
		}
		before[c.Field], after[c.Field] = c.Before, c.After
	}
	conflict.By, conflict.At = latest.By, f.Moment(&latest.At)
	was, is, err := trailWords(ctx, db, f, thing, before, after)
	if err != nil {
		return conflict, err
	}
	for _, field := range fields {
		if _, changed := before[field.Name]; changed && was[field.Name] != is[field.Name] {
			conflict.Changes = append(conflict.Changes, officeview.EditConflictChange{Label: field.Label, Before: was[field.Name], After: is[field.Name]})
		}
	}
	return conflict, nil
}

// edited is a form of the administration with which something was changed.
type edited struct {
	thing    string // as the trail calls it
	id       int64
	fields   problem.Fields
	version  *int64 // that the form was opened with
	conflict *officeview.EditConflict
	now      func() (version int64, err error)
	again    func(problem.Set) error // shows the form as it was typed
	list     string                  // where it leads when all is well
}

// answer says what became of the change: the form again with what is wrong, or
// with what somebody else has changed meanwhile, to be saved over that.
func (e edited) answer(w http.ResponseWriter, r *http.Request, v staff.Viewer, db postgres.DB, err error) error {
	if problems := asProblems(err); problems != nil {
		return e.again(problems)
	}
	if errors.Is(err, apperr.Stale) {
		version, err := e.now()
		if err != nil {
			return err
		}
		if *e.conflict, err = editConflict(r.Context(), db, v.Format, e.thing, e.id, *e.version, e.fields); err != nil {
			return err
		}
		*e.version = version
		return e.again(nil)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Saved.")
	return page.Redirect(w, r, e.list)
}

// trailWords writes both sides of changes as the trail's own page does.
func trailWords(ctx context.Context, db postgres.DB, f company.Format, thing string, before, after map[string]json.RawMessage) (was, is map[string]string, err error) {
	e := audit.Entry{Thing: thing}
	if e.Before, err = json.Marshal(before); err != nil {
		return nil, nil, err
	}
	if e.After, err = json.Marshal(after); err != nil {
		return nil, nil, err
	}
	names, err := audit.Call(ctx, db, officeview.ActivityIDs([]audit.Entry{e}))
	if err != nil {
		return nil, nil, err
	}
	was, is = officeview.ChangedWords(e, f, names)
	return was, is, nil
}
