package office

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"fieldgate/internal/attachment"
	"fieldgate/internal/exchange"
	"fieldgate/internal/export"
	"fieldgate/internal/fileimport"
	"fieldgate/internal/imaging"
	"fieldgate/internal/importing"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// filesAtOnce is how many files of an export are unpacked at once.
const filesAtOnce = 20

// archive is the zip of the export that comes in. There is none for tables that
// were sent alone.
type archive struct{ opened *export.Archive }

// Close closes it.
func (a *archive) Close() {
	if a.opened != nil {
		_ = a.opened.Close()
	}
}

func (w Importer) archive(ctx context.Context, i importing.Import) (*archive, error) {
	if i.Kind != importing.KindExport {
		return &archive{}, nil
	}
	f, err := w.store.Open(ctx, i.BlobKey)
	if err != nil {
		return nil, err
	}
	opened, err := export.OpenArchive(fileimport.ReaderAt(f), i.FileSize, i.Name, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &archive{opened}, nil
}

// brought is what happened elsewhere, with the bytes that belong to it.
type brought struct {
	exchange.Past
	file   *fileimport.File // nil for none
	stored int              // which of the files that were kept with it, from 1
}

func (b brought) close() {
	if b.file != nil {
		b.file.Close()
	}
}

// past is an item with its bytes, which were judged as those of an upload. A
// problem.Set says why it is not taken.
func (a *archive) past(it importing.Item) (b brought, err error) {
	if b.Past, err = it.Past(); err != nil {
		return b, err
	}
	switch r := b.All[0].(type) {
	case *exchange.File:
		if r.Path == "" {
			return b, problem.Of("path", "The export does not hold this file: storage did not have it when the export was made.")
		}
		if b.file, err = a.unpack("path", r.Path, r.Name); err != nil {
			return b, err
		}
		r.Name, r.MediaType, r.Size = b.file.Name, b.file.Type.MIME, int(b.file.Size)
	case *exchange.Answer:
		if r.Signature == "" || a.opened == nil {
			return b, nil
		}
		if b.file, err = a.unpack("signature", r.Signature, r.Signature); err != nil {
			return b, err
		}
		if b.file.Type.MIME != "image/png" {
			b.close()
			return b, problem.Of("signature", "This is no picture of a signature.")
		}
	}
	return b, nil
}

// unpack takes a file out of the export, under the name that it had.
func (a *archive) unpack(field, part, name string) (*fileimport.File, error) {
	if a.opened == nil {
		return nil, problem.Of(field, "The file itself is not in a table. Send the zip of an export that was made with its files.")
	}
	place, ok := a.opened.Place(part)
	if !ok {
		return nil, problem.Of(field, "The export does not hold “"+part+"”.")
	}
	if why := a.opened.Entries()[place].Why; why != "" {
		return nil, problem.Of(field, why)
	}
	f, err := (&fileimport.Plan{Archive: a.opened}).Unpack(fileimport.Item{Place: place, Path: name})
	if refused, ok := errors.AsType[imaging.Refused](err); ok {
		return nil, problem.Of(field, refused.Reason)
	}
	return f, err
}

// bringSome brings items in, in one transaction that notes how far this has come.
// Bytes are kept before it, and forgotten again when nothing names them after it.
func (w Importer) bringSome(ctx context.Context, i importing.Import, by exchange.By, refs *exchange.Refs, from *archive, items []importing.Item, done int) error {
	all := make([]brought, len(items))
	defer func() {
		for _, b := range all {
			b.close()
		}
	}()
	var things []exchange.Incoming
	var files []attachment.Incoming
	for n := range items {
		it := &items[n]
		switch {
		case it.State == exchange.Refused:
			it.Done = exchange.Refused
		case !it.History():
			things = append(things, incoming(*it))
		default:
			b, err := from.past(*it)
			if refused, ok := errors.AsType[problem.Set](err); ok {
				it.Done, it.Problems = exchange.Refused, refused
				continue
			}
			if err != nil {
				return err
			}
			if b.file != nil {
				files = append(files, b.file.Incoming)
				b.stored = len(files)
			}
			all[n] = b
		}
	}
	return attachment.Storing(ctx, w.store, files, func(stored []attachment.Stored) error {
		return postgres.Transact(ctx, w.pool, func(tx postgres.Tx) error {
			if err := exchange.Lock(ctx, tx, by.Source, things...); err != nil {
				return err
			}
			for n := range items {
				it := &items[n]
				if it.Done == exchange.Refused {
					continue
				}
				out, err := oneOfMany(ctx, tx, func(tx postgres.Tx) (exchange.Outcome, error) {
					if !it.History() {
						return exchange.Put(ctx, tx, by, refs, incoming(*it), exchange.Choices{Overwrite: i.Overwrite})
					}
					if all[n].stored > 0 {
						all[n].keep(stored[all[n].stored-1].Key)
					}
					return exchange.PutHistory(ctx, tx, by, refs, all[n].Past, exchange.Choices{})
				})
				if err != nil {
					return err
				}
				if all[n].stored > 0 {
					stored[all[n].stored-1].Again = out.State != exchange.New
				}
				it.Done, it.RowID, it.Key, it.Version, it.Before, it.Fields, it.Edited = out.State, out.Row, out.Key, out.Version, out.Before, out.Fields, out.Edited
				if out.State == exchange.Refused { // else what stays out of it still does
					it.RowID, it.Problems = 0, out.Problems
				}
				it.Label = cmp.Or(it.Label, out.Label)
			}
			for n := range items {
				if items[n].Before == nil {
					items[n].Before = json.RawMessage("null")
				}
			}
			if err := importing.SetDone(ctx, tx, i.ID, items); err != nil {
				return err
			}
			return importing.SetProgress(ctx, tx, i.ID, done+len(items), max(i.Total, done+len(items)))
		})
	})
}

// keep names the bytes in the store.
func (b brought) keep(key string) {
	switch r := b.All[0].(type) {
	case *exchange.File:
		r.Key = key
	case *exchange.Answer:
		r.Key = key
	}
}
