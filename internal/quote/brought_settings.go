package quote

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// BringSavedLine has a saved line as another installation has it: made when there
// was none like it, changed when the one of its code that is offered said
// something else.
func BringSavedLine(ctx context.Context, tx postgres.Tx, by audit.Actor, n NewSavedLine) (id int64, made, changed bool, err error) {
	var there []SavedLine
	err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
		postgres.Query(b, &there, selectSavedLine+`where lower(l.code) = lower(@code) order by l.active desc, l.id`, pgx.NamedArgs{"code": n.Code})
	})
	if err != nil {
		return 0, false, false, fmt.Errorf("bring in a saved line: %w", err)
	}
	for _, l := range there {
		if d := l.Details(); l.Currency == n.Currency && d.UnitPrice.Equal(n.UnitPrice) && d.Code == n.Code && d.Description == n.Description && d.Tax == n.Tax && d.Active == n.Active {
			return l.ID, false, false, nil
		}
	}
	if len(there) > 0 && there[0].Active && n.Active {
		if there[0].Currency != n.Currency {
			return 0, false, false, problem.Of(SavedLineField.Code.Name, "There is a saved line with this code in "+there[0].Currency+" already.")
		}
		return there[0].ID, false, true, EditSavedLine(ctx, tx, by, there[0].ID, there[0].Version, n.SavedLineDetails)
	}
	id, made, err = CreateSavedLine(ctx, tx, by, n)
	return id, made, false, err
}

// BringTemplate has a quote template as another installation has it: made when
// there was none like it, changed when the one of its name that is offered said
// something else.
func BringTemplate(ctx context.Context, tx postgres.Tx, by audit.Actor, n NewTemplate) (id int64, made, changed bool, err error) {
	var there []Template
	err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
		postgres.Query(b, &there, selectTemplate+`where lower(t.name) = lower(@name) order by t.active desc, t.id`, pgx.NamedArgs{"name": n.Name})
	})
	if err != nil {
		return 0, false, false, fmt.Errorf("bring in a quote template: %w", err)
	}
	for _, t := range there {
		if t.Currency == n.Currency && t.Name == n.Name && t.Description == n.Description && t.Inclusions == n.Inclusions && t.Exclusions == n.Exclusions && t.Terms == n.Terms && t.Active == n.Active && sameLines(t.Lines, n.Lines) {
			return t.ID, false, false, nil
		}
	}
	if len(there) > 0 && there[0].Active && n.Active {
		if there[0].Currency != n.Currency {
			return 0, false, false, problem.Of(TemplateField.Name.Name, "There is a template of this name in "+there[0].Currency+" already.")
		}
		return there[0].ID, false, true, EditTemplate(ctx, tx, by, there[0].ID, there[0].Version, n.TemplateDetails)
	}
	id, made, err = CreateTemplate(ctx, tx, by, n)
	return id, made, false, err
}
