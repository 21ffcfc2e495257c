package fileimport

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/postgres"
)

// Record is what files are to hang on.
type Record struct {
	Name string // job J-1001, customer C-1001 equipment E-001
	On   attachment.On
}

// Records finds records by what paths and files.csv call them, each once.
type Records struct {
	db    postgres.DB
	found map[string][]found
	parts map[string]int64
}

// NewRecords finds records in the database.
func NewRecords(db postgres.DB) *Records {
	return &Records{db: db, found: map[string][]found{}, parts: map[string]int64{}}
}

type found struct {
	Kind     string
	ID       int64
	Number   string
	Customer int64
}

// kinds are the words by which a record is told from others of the same number.
var kinds = []string{"job", "quote", "customer"}

// named finds what has a number, of one kind or of any.
func (r *Records) named(ctx context.Context, kind, number string) ([]found, error) {
	key := kind + " " + number
	if all, known := r.found[key]; known {
		return all, nil
	}
	var all []found
	// As it is written, else in capitals: folders are often typed in small letters.
	err := postgres.Read(ctx, r.db, func(b *postgres.Batch) {
		postgres.Query(b, &all, `
			select * from (
				select 'job' as kind, id, number, customer_id as customer from jobs where number in (@number, upper(@number))
				union all select 'quote', id, number, customer_id from quotes where number in (@number, upper(@number))
				union all select 'customer', coalesce(merged_into_id, id), number, coalesce(merged_into_id, id) from customers where number in (@number, upper(@number))
			) r where @kind = '' or kind = @kind order by number <> @number`, pgx.NamedArgs{"number": number, "kind": kind})
	})
	if err != nil {
		return nil, fmt.Errorf("find what is called %q: %w", number, err)
	}
	var exact []found
	for _, f := range all {
		if f.Number == number {
			exact = append(exact, f)
		}
	}
	if len(exact) > 0 {
		all = exact
	}
	r.found[key] = all
	return all, nil
}

// equipment is the id of a customer's piece of equipment, 0 for none.
func (r *Records) equipment(ctx context.Context, customer int64, number string) (int64, error) {
	key := fmt.Sprint(customer, " ", number)
	if id, known := r.parts[key]; known {
		return id, nil
	}
	var ids []int64
	err := postgres.Read(ctx, r.db, func(b *postgres.Batch) {
		postgres.QueryValues(b, &ids, `select id from equipment where customer_id = @customer and number in (@number, upper(@number)) order by number <> @number limit 1`, pgx.NamedArgs{"customer": customer, "number": number})
	})
	if err != nil {
		return 0, fmt.Errorf("find equipment %q: %w", number, err)
	}
	id := int64(0)
	if len(ids) > 0 {
		id = ids[0]
	}
	r.parts[key] = id
	return id, nil
}

// OfPath finds the record of a file by the folders that it lies in: the first that
// is the number of something. Why says why there is none.
func (r *Records) OfPath(ctx context.Context, path string) (rec Record, why string, err error) {
	parts := strings.Split(path, "/")
	for i, part := range parts[:len(parts)-1] {
		rest := ""
		if i+2 < len(parts) {
			rest = parts[i+1]
		}
		all, number, err := r.folder(ctx, strings.TrimSpace(part))
		switch {
		case err != nil:
			return rec, "", err
		case len(all) == 0:
			continue
		}
		return r.one(ctx, all, number, rest)
	}
	if len(parts) == 1 {
		return rec, "It lies in no folder. Put it into one that is called after a job, quote or customer, such as J-1001, or name its record in files.csv.", nil
	}
	if folders := parts[:len(parts)-1]; len(folders) < 4 {
		return rec, "There is no job, quote or customer “" + strings.Join(folders, "” or “") + "” here. Correct the folder’s name, or name the file’s record in files.csv.", nil
	}
	return rec, "None of its folders is called after a job, quote or customer here. Put it into one that is, such as J-1001.", nil
}

// folder finds what a folder is called after: by its number alone, with a word
// before it, “Job 10234”, or more behind it, “J-1001 Smith, kitchen”. A number of
// digits alone does not have more behind it: “2024 photos” is of no job 2024.
func (r *Records) folder(ctx context.Context, name string) (all []found, number string, err error) {
	if all, err = r.named(ctx, "", name); err != nil || len(all) > 0 {
		return all, name, err
	}
	first, rest, _ := strings.Cut(name, " ")
	for _, kind := range kinds {
		if strings.EqualFold(first, kind) {
			number = strings.TrimSpace(rest)
			all, err = r.named(ctx, kind, number)
			return all, number, err
		}
	}
	if rest == "" || !strings.ContainsFunc(first, unicode.IsLetter) || !strings.ContainsFunc(first, unicode.IsDigit) {
		return nil, "", nil
	}
	number = strings.TrimRight(first, ",:;_-")
	all, err = r.named(ctx, "", number)
	return all, number, err
}

// OfWords finds the record that files.csv names: J-1001, C-1001/E-001, or with a
// word before it, job 1001.
func (r *Records) OfWords(ctx context.Context, words string) (rec Record, why string, err error) {
	kind, number := "", strings.TrimSpace(words)
	if before, after, ok := strings.Cut(number, " "); ok {
		for _, k := range kinds {
			if strings.EqualFold(before, k) {
				kind, number = k, strings.TrimSpace(after)
			}
		}
	}
	part := ""
	for _, sep := range []string{" equipment ", "/"} {
		if before, after, ok := strings.Cut(number, sep); ok {
			number, part = strings.TrimSpace(before), strings.TrimSpace(after)
			break
		}
	}
	all, err := r.named(ctx, kind, number)
	if err != nil {
		return rec, "", err
	}
	if len(all) == 0 {
		return rec, "There is no job, quote or customer “" + number + "” here.", nil
	}
	return r.one(ctx, all, number, part)
}

func (r *Records) one(ctx context.Context, all []found, number, part string) (rec Record, why string, err error) {
	if len(all) > 1 {
		return rec, fmt.Sprintf("“%s” is both a %s and a %s. Say which in files.csv, as in “%s %s”.", number, all[0].Kind, all[1].Kind, all[0].Kind, number), nil
	}
	f := all[0]
	rec = Record{Name: f.Kind + " " + f.Number, On: attachment.On{Customer: f.Customer}}
	switch f.Kind {
	case "job":
		rec.On.Job = f.ID
	case "quote":
		rec.On.Quote = f.ID
	case "customer":
		if part == "" {
			return rec, "", nil
		}
		id, err := r.equipment(ctx, f.Customer, part)
		if err != nil {
			return rec, "", err
		}
		if id == 0 {
			return rec, fmt.Sprintf("%s has no equipment “%s”. Files of the customer itself lie in the folder %s, without another one in it.", f.Number, part, f.Number), nil
		}
		rec.Name, rec.On.Equipment = rec.Name+" equipment "+part, id
	}
	return rec, "", nil
}
