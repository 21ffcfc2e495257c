package attachment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// KindDetails is what Administration enters of a kind of documents. Active ones
// can be chosen.
type KindDetails struct {
	Name   string `json:"name"`
	Active bool   `json:"active"`
}

// Check says what is wrong with the details of a kind.
func (d KindDetails) Check() problem.Set {
	p := problem.Set{}
	p.Unless(d.Name != "", KindField.Name.Name, "Enter a name, such as Safety certificate.")
	p.Limit(KindField.Name, d.Name)
	return p
}

// DocumentKind is a sort of document, such as a safety certificate.
type DocumentKind struct {
	ID int64
	KindDetails
	Documents int // how many there are, up to 1,001
	Version   int64
}

// KindField describes each field of a kind of documents.
var KindField = struct{ Name, Active problem.Field }{
	Name:   problem.Field{Name: "name", Label: "Name", Max: problem.MaxName},
	Active: problem.Field{Name: "active", Label: "Offered for documents"},
}

// KindFields are the fields of a kind in the order of its form.
var KindFields = problem.Fields{KindField.Name, KindField.Active}

const kindColumns = `k.id, k.name, k.active, k.version,
	(select count(*) from (select from attachments a where a.document_kind_id = k.id and a.removed_at is null limit 1001) n) as documents
	from document_kinds k`

// Kinds are all kinds of documents by name, those in use first.
func Kinds(ctx context.Context, db postgres.DB) (kinds []DocumentKind, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryKinds(b, &kinds) }); err != nil {
		return nil, fmt.Errorf("kinds of documents: %w", err)
	}
	return kinds, nil
}

// QueryKinds is Kinds in a batch.
func QueryKinds(b *postgres.Batch, into *[]DocumentKind) {
	postgres.Query(b, into, `select `+kindColumns+` order by not k.active, k.name collate "und-x-icu", k.id`, nil)
}

// FindKind is a kind of documents; apperr.NotFound when there is none.
func FindKind(ctx context.Context, db postgres.DB, id int64) (DocumentKind, error) {
	return findKind(ctx, db, `select `+kindColumns+` where k.id = @id`, pgx.NamedArgs{"id": id})
}

func findKind(ctx context.Context, db postgres.DB, sql string, args pgx.NamedArgs) (k DocumentKind, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { postgres.QueryOne(b, &k, sql, args) })
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return k, fmt.Errorf("find kind of documents: %w", err)
	}
	return k, err
}

// NewKind is a kind of documents to add.
type NewKind struct {
	KindDetails
	Nonce string
}

// CreateKind adds a kind of documents. A form sent twice adds one; created is then false.
func CreateKind(ctx context.Context, tx postgres.Tx, by audit.Actor, n NewKind) (id int64, created bool, err error) {
	if err := n.Check().Err(); err != nil {
		return 0, false, err
	}
	if n.Nonce != "" {
		err = tx.QueryRow(ctx, `select id from document_kinds where nonce = $1`, n.Nonce).Scan(&id)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return id, false, err
		}
	}
	err = tx.QueryRow(ctx, `insert into document_kinds (name, active, nonce) values (@name, @active, nullif(@nonce, '')) returning id`,
		pgx.NamedArgs{"name": n.Name, "active": n.Active, "nonce": n.Nonce}).Scan(&id)
	if err != nil {
		return 0, false, kindConstraintError(err)
	}
	return id, true, audit.Record(ctx, tx, by, audit.New{Action: audit.DocumentKindCreated, ID: id, Label: n.Name, After: n.KindDetails})
}

// kindSnapshot is a kind as the audit trail records it.
type kindSnapshot struct {
	KindDetails
	Version int64 `json:"version"`
}

// EditKind changes a kind of documents. It fails with apperr.Stale when somebody
// else has since version.
func EditKind(ctx context.Context, tx postgres.Tx, by audit.Actor, id, version int64, d KindDetails) error {
	if err := d.Check().Err(); err != nil {
		return err
	}
	before, err := findKind(ctx, tx, `select `+kindColumns+` where k.id = @id for update of k`, pgx.NamedArgs{"id": id})
	if err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	_, err = tx.Exec(ctx, `update document_kinds set name = @name, active = @active, version = version + 1 where id = @id`, pgx.NamedArgs{"id": id, "name": d.Name, "active": d.Active})
	if err != nil {
		return kindConstraintError(err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.DocumentKindEdited, ID: id, Label: d.Name, Before: kindSnapshot{before.KindDetails, before.Version}, After: kindSnapshot{d, version + 1},
	})
}

func kindConstraintError(err error) error {
	if postgres.Constraint(err) == "document_kind_name_taken" {
		return problem.Of(KindField.Name.Name, "There is a kind of this name already.")
	}
	return fmt.Errorf("save kind of documents: %w", err)
}

// BringKind has a kind of documents as another installation has it: made when
// there was none of its name, changed when it was offered otherwise.
func BringKind(ctx context.Context, tx postgres.Tx, by audit.Actor, d KindDetails) (id int64, made, changed bool, err error) {
	there, err := findKind(ctx, tx, `select `+kindColumns+` where lower(k.name) = lower(@name)`, pgx.NamedArgs{"name": d.Name})
	switch {
	case errors.Is(err, apperr.NotFound):
		id, made, err = CreateKind(ctx, tx, by, NewKind{KindDetails: d})
		return id, made, false, err
	case err != nil || there.Active == d.Active:
		return there.ID, false, false, err
	}
	return there.ID, false, true, EditKind(ctx, tx, by, there.ID, there.Version, KindDetails{Name: there.Name, Active: d.Active})
}
