package officeweb

import (
	"context"
	"encoding/json"
	"slices"

	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	officeview "fieldgate/templates/office"
)

// labelled names a field of the audit trail as the form does.
type labelled struct{ Field, Label string }

// meanwhile tells what has changed on a thing since the version a form was
// opened with: which fields, from what to what, by whom and when. Only fields
// with a label are told, in the labels' order; what the trail knows by id is
// called by its name.
func meanwhile(ctx context.Context, db postgres.DB, f company.Format, thing string, id, version int64, labels []labelled) (officeview.Meanwhile, error) {
	changes, err := audit.Since(ctx, db, thing, id, version)
	if err != nil {
		return officeview.Meanwhile{}, err
	}
	m := officeview.Meanwhile{Happened: true}
	var latest audit.Change
	before, after := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for _, c := range changes {
		if c.At.After(latest.At) {
			latest = c
		}
		before[c.Field], after[c.Field] = c.Before, c.After
	}
	m.By, m.At = latest.By, f.Moment(&latest.At)
	was, is, err := trailWords(ctx, db, f, thing, before, after)
	if err != nil {
		return m, err
	}
	for _, l := range labels {
		if i := slices.IndexFunc(changes, func(c audit.Change) bool { return c.Field == l.Field }); i >= 0 && was[l.Field] != is[l.Field] {
			m.Changes = append(m.Changes, officeview.MeanwhileChange{Label: l.Label, Before: was[l.Field], After: is[l.Field]})
		}
	}
	return m, nil
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
