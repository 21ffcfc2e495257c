package importing

import (
	"context"
	"fmt"

	"fieldgate/internal/exchange"
	"fieldgate/internal/postgres"
)

// HasBytes reports whether bytes may belong to an item.
func (it Item) HasBytes() bool {
	return it.Kind == Kind(exchange.Files) || it.Kind == Kind(exchange.Answers)
}

// Holds reports whether something stands in the column of a field of such a table.
func (t Table) Holds(k Kind, field string) bool {
	r, ok := RecogniseOwn(t.Name, namesOf(t.Heads), true)
	if !ok || r.Kind != k {
		return false
	}
	for c, target := range r.Columns {
		if target.Name() == field && c < len(t.Survey.Columns) && t.Survey.Columns[c].Filled > 0 {
			return true
		}
	}
	return false
}

// SomeCustomers reports whether there are any.
func SomeCustomers(ctx context.Context, db postgres.DB) (some bool, err error) {
	if err := db.QueryRow(ctx, `select exists (select from customers)`).Scan(&some); err != nil {
		return false, fmt.Errorf("whether there are customers: %w", err)
	}
	return some, nil
}

// pastKinds are the kinds of items that are no things.
func pastKinds() (kinds []string) {
	for _, k := range Order {
		if exchange.IsHistory(k) {
			kinds = append(kinds, string(k))
		}
	}
	return kinds
}

// ours is in SQL whether an import brought a row that is named x.
const ours = `exists (select from import_things t where t.import_id = $1 and t.kind = '%s' and t.row_id = x.id and t.done = 'new'%s)`

// untouched is in SQL whether nobody has shown, hidden or described a file since.
const untouched = ` and x.customer_view = coalesce((t.body->'records'->0->>'customer_view')::boolean, false) and x.caption = coalesce(t.body->'records'->0->>'caption', '')`

// hangsOn removes what hangs on a thing, by its kind.
var hangsOn = func() map[Kind][]string {
	files := func(on string) string {
		return `delete from attachments x where x.removed_at is null and ` + on + ` and ` + fmt.Sprintf(ours, exchange.Files, untouched)
	}
	talk := func(column string) []string {
		messages := `(select x.id from messages x where x.` + column + ` = $2 and ` + fmt.Sprintf(ours, exchange.Messages, "") + `)`
		return []string{
			files(`(x.` + column + ` = $2 or x.message_id in ` + messages + `)`), `delete from message_reads where message_id in ` + messages, `delete from messages where id in ` + messages,
		}
	}
	return map[Kind][]string{
		Jobs: talk("job_id"),
		Quotes: append(talk("quote_id"), `delete from acceptances where brought_at is not null and version_id in (select v.id from quote_versions v where v.quote_id = $2)
			and exists (select from import_things t where t.import_id = $1 and t.kind = 'quote-answers' and t.row_id = $2 and t.done = 'new')`),
		Equipment: {files(`x.equipment_id = $2`)},
		Customers: {files(`x.customer_id = $2 and num_nonnulls(x.job_id, x.quote_id, x.equipment_id, x.message_id) = 0`)},
	}
}()

// TakeAlong removes the messages, files and answers that an import has brought
// with a thing that is taken back now. What somebody has touched since stays, and
// keeps the thing.
func TakeAlong(ctx context.Context, tx postgres.Tx, id int64, it Item) error {
	for _, sql := range hangsOn[it.Kind] {
		if _, err := tx.Exec(ctx, sql, id, it.RowID); err != nil {
			return fmt.Errorf("take back what came with line %d: %w", it.Line, err)
		}
	}
	return nil
}

// SettlePast notes what became of histories and settings once the things are taken
// back: what happened to one goes with it, and settings stay.
func SettlePast(ctx context.Context, tx postgres.Tx, id int64) error {
	tables := map[exchange.History]string{exchange.Versions: "quotes", exchange.Answers: "quotes", exchange.Statuses: "jobs", exchange.Messages: "messages", exchange.Files: "attachments"}
	for _, k := range pastKinds() {
		undone := `'left'`
		if table := tables[exchange.History(k)]; table != "" {
			undone = `case when exists (select from ` + table + ` x where x.id = t.row_id) then 'left' else 'removed' end`
		}
		if _, err := tx.Exec(ctx, `update import_things t set undone = `+undone+` where t.import_id = $1 and t.kind = $2 and t.done in ('new', 'changed') and t.undone is null`, id, k); err != nil {
			return fmt.Errorf("undo import %d: %w", id, err)
		}
	}
	return nil
}

// ForgetFile forgets the file of an import that needs it no more.
func ForgetFile(ctx context.Context, tx postgres.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `update imports set blob_key = '' where id = $1`, id); err != nil {
		return fmt.Errorf("forget the file of import %d: %w", id, err)
	}
	return nil
}

// Unsend lets the same form, or the same file at the command line, begin another
// import.
func Unsend(ctx context.Context, tx postgres.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `update imports set nonce = null where id = $1`, id); err != nil {
		return fmt.Errorf("end import %d: %w", id, err)
	}
	return nil
}
