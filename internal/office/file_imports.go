package office

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/audit"
	"fieldgate/internal/blob"
	"fieldgate/internal/company"
	"fieldgate/internal/fileimport"
	"fieldgate/internal/imaging"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/staff"
)

// ReceiveFileImport keeps a zip of photos and documents and has it looked through,
// behind the page. A form sent twice begins one import.
func (s *Service) ReceiveFileImport(ctx context.Context, by staff.Viewer, name, nonce string, zip io.ReadSeeker, size int64) (id int64, err error) {
	key := blob.NewKey()
	if err := s.store.Put(ctx, key, zip, size, imaging.ZIP.MIME); err != nil {
		s.store.Forget(ctx, err, key)
		return 0, err
	}
	var created bool
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		id, created, err = fileimport.Create(ctx, tx, fileimport.New{Name: attachment.SafeName(name), BlobKey: key, Size: size, Staff: by.Staff, Nonce: nonce})
		if err != nil || !created {
			return err
		}
		return s.queue.Insert(ctx, tx, queue.ImportFiles{Import: id})
	})
	if err != nil || !created {
		s.store.Forget(ctx, err, key)
	}
	return id, err
}

// StartFileImport adds what fits of an import that was looked through. Nobody is
// told of it.
func (s *Service) StartFileImport(ctx context.Context, by staff.Viewer, id int64) error {
	if err := by.CheckProof(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		i, err := fileimport.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		switch i.State {
		case fileimport.Ready:
		case fileimport.Adding, fileimport.Done:
			return nil // pressed twice
		default:
			return apperr.Conflictf("This import cannot be started: look at its page.")
		}
		if err := fileimport.SetState(ctx, tx, id, fileimport.Adding, ""); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.FilesImported, ID: id, Label: i.Name, After: map[string]any{"files": i.Entries}}); err != nil {
			return err
		}
		return s.queue.Insert(ctx, tx, queue.ImportFiles{Import: id})
	})
}

// UndoFileImport takes away what an import has added and nobody has touched since.
func (s *Service) UndoFileImport(ctx context.Context, by staff.Viewer, id int64) error {
	if err := by.CheckProof(); err != nil {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		i, err := fileimport.Lock(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case i.State == fileimport.Undoing, i.State == fileimport.Undone:
			return nil // pressed twice
		case !i.MayUndo(by.Format.Now):
			return apperr.Conflictf("This import can no longer be undone: that is possible for 14 days after all was added.")
		}
		if err := fileimport.SetUndoing(ctx, tx, id, by.Staff); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.FileImportUndone, ID: id, Label: i.Name}); err != nil {
			return err
		}
		return s.queue.Insert(ctx, tx, queue.ImportFiles{Import: id})
	})
}

// RemoveFileImport forgets an import of which nothing was added.
func (s *Service) RemoveFileImport(ctx context.Context, _ staff.Viewer, id int64) error {
	var i fileimport.Import
	err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		if i, err = fileimport.Lock(ctx, tx, id); err != nil {
			return err
		}
		if i.State == fileimport.Adding || i.FinishedAt != nil {
			return apperr.Conflictf("Files were added already: this import cannot be forgotten any more, only undone.")
		}
		return fileimport.Remove(ctx, tx, id)
	})
	if i.BlobKey != "" {
		s.store.Forget(ctx, err, i.BlobKey)
	}
	return err
}

// How imports are worked: so many files are noted at once, so many taken back, and
// after so long others have their turn.
const (
	lookAtOnce  = 25
	undoAtOnce  = 100
	importSlice = 10 * time.Minute
)

// errMore says that there is more to do when it is this import's turn again.
var errMore = errors.New("there is more to import")

// WorkFileImport goes on with an import, from wherever it was broken off.
func (s *Service) WorkFileImport(ctx context.Context, id int64) error {
	i, err := fileimport.Find(ctx, s.pool, id)
	if errors.Is(err, apperr.NotFound) || err == nil && !i.State.Working() {
		return nil
	}
	if err != nil {
		return err
	}
	w := fileImporting{Service: s, Import: i, until: importSlice}
	if i.State == fileimport.Undoing {
		err = w.undo(ctx)
	} else {
		err = w.zip(ctx)
	}
	if errors.Is(err, errMore) {
		return queue.Later(0)
	}
	return err
}

// zip opens the zip and goes on with it.
func (w *fileImporting) zip(ctx context.Context) error {
	if w.BlobKey == "" {
		return nil
	}
	archive, err := w.open(ctx)
	if errors.Is(err, blob.ErrNotFound) {
		return w.fail(ctx, "The zip is missing from our storage. Send it again.")
	}
	if err == nil {
		defer func() { _ = archive.Close() }()
		err = w.run(ctx, archive)
	}
	if bad, ok := errors.AsType[fileimport.Unreadable](err); ok {
		return w.fail(ctx, bad.Words)
	}
	if t, ok := blob.Troubled(err); ok && ctx.Err() == nil {
		if err := w.note(ctx, hindered(t)); err != nil {
			return err
		}
		return queue.Later(time.Minute)
	}
	return err
}

// hindered is what is said while the store, or the disk, takes nothing.
func hindered(t blob.Trouble) string {
	if t.Kind == blob.Full {
		return "Our storage is full. It goes on by itself once there is room; nothing is lost, and nothing comes twice."
	}
	return "Files cannot be kept right now. It goes on by itself once they can; nothing is lost, and nothing comes twice."
}

// fileImporting is an import that is being worked at.
type fileImporting struct {
	*Service
	fileimport.Import
	until time.Duration // how long at once; 0 for as long as it takes

	told func(fileimport.Item) // each file that was added or refused; nil tells nobody
}

func (w *fileImporting) open(ctx context.Context) (fileimport.Archive, error) {
	f, err := w.store.Open(ctx, w.BlobKey)
	if err != nil {
		return nil, err
	}
	archive, err := fileimport.OpenZip(fileimport.ReaderAt(f), f.Size, f)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return archive, nil
}

func (w *fileImporting) tx(ctx context.Context, do func(postgres.Tx) error) error {
	return postgres.Transact(ctx, w.pool, do)
}

func (w *fileImporting) note(ctx context.Context, words string) error {
	if w.Words == words {
		return nil
	}
	w.Words = words
	return w.tx(ctx, func(tx postgres.Tx) error { return fileimport.SetWords(ctx, tx, w.ID, words) })
}

// end moves the import on. A zip that is done with is forgotten.
func (w *fileImporting) end(ctx context.Context, s fileimport.State, words string) error {
	err := w.tx(ctx, func(tx postgres.Tx) error { return fileimport.SetState(ctx, tx, w.ID, s, words) })
	if err == nil && w.BlobKey != "" && (s == fileimport.Done || s == fileimport.Failed) {
		w.store.Forget(ctx, nil, w.BlobKey)
	}
	w.State = s
	return err
}

// fail ends the import, which cannot go on. One of which files were added is done,
// so that it can be undone.
func (w *fileImporting) fail(ctx context.Context, words string) error {
	if w.State == fileimport.Adding {
		return w.end(ctx, fileimport.Done, words)
	}
	return w.end(ctx, fileimport.Failed, words)
}

// run looks through an archive, or adds what fits of it.
func (w *fileImporting) run(ctx context.Context, archive fileimport.Archive) error {
	list, err := fileimport.Sheet(archive)
	if err != nil {
		return err
	}
	var c company.Company
	if c, err = company.Read(ctx, w.pool); err != nil {
		return err
	}
	p := &fileimport.Plan{Archive: archive, List: list, Records: fileimport.NewRecords(w.pool), American: strings.HasSuffix(c.Locale, "-US")}
	count := p.Count()
	slice, end := ctx, func() {}
	if w.until > 0 {
		slice, end = context.WithTimeout(ctx, w.until)
	}
	defer end()
	more := func() error {
		if ctx.Err() == nil && slice.Err() != nil {
			return errMore
		}
		return ctx.Err()
	}
	if w.State == fileimport.Looking {
		return w.look(ctx, p, count, more)
	}
	return w.add(ctx, p, more)
}

// look judges each file and notes what is to become of it.
func (w *fileImporting) look(ctx context.Context, p *fileimport.Plan, count int, more func() error) error {
	if w.Entries != count {
		if err := w.tx(ctx, func(tx postgres.Tx) error { return fileimport.SetEntries(ctx, tx, w.ID, count) }); err != nil {
			return err
		}
	}
	last, err := fileimport.LastPlace(ctx, w.pool, w.ID)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for from := last + 1; from < count; from += lookAtOnce {
		if err := more(); err != nil {
			return err
		}
		var items []fileimport.Item
		for place := from; place < min(from+lookAtOnce, count); place++ {
			item, err := w.lookAt(ctx, p, place, seen)
			if err != nil {
				return err
			}
			items = append(items, item)
		}
		if err := w.tx(ctx, func(tx postgres.Tx) error { return fileimport.AddItems(ctx, tx, w.ID, items) }); err != nil {
			return err
		}
		w.tell(items...)
		if err := w.note(ctx, ""); err != nil {
			return err
		}
	}
	return w.end(ctx, fileimport.Ready, "")
}

func (w *fileImporting) tell(items ...fileimport.Item) {
	if w.told != nil {
		for _, i := range items {
			w.told(i)
		}
	}
}

const knownReason = "The same file is there already."

func (w *fileImporting) lookAt(ctx context.Context, p *fileimport.Plan, place int, seen map[string]bool) (fileimport.Item, error) {
	item, on, err := p.Item(ctx, place)
	if err != nil || item.State != fileimport.Fits {
		return item, err
	}
	f, err := p.Unpack(item)
	if refused, ok := errors.AsType[imaging.Refused](err); ok {
		item.State, item.Reason = fileimport.Refused, refused.Reason
		return item, nil
	}
	if err != nil {
		return item, err
	}
	defer f.Close()
	item.Size = f.Size
	if err := w.digest(ctx, on, f.Size); err != nil {
		return item, err
	}
	known, err := attachment.Has(ctx, w.pool, on, f.Digest)
	key := item.Record + " " + string(f.Digest)
	if known || seen[key] {
		item.State, item.Reason = fileimport.Known, knownReason
	}
	seen[key] = true
	return item, err
}

// digest asks of what hangs on something, and is as large as a file that comes,
// whether it is the same, if nobody has asked before.
func (w *fileImporting) digest(ctx context.Context, on attachment.On, size int64) error {
	return attachment.Digested(ctx, w.pool, w.store, on, size, func(file int64, digest []byte) error {
		return w.tx(ctx, func(tx postgres.Tx) error { return attachment.SetDigest(ctx, tx, file, digest) })
	})
}

// add adds what fits, one file a transaction: what is added is noted with it, so
// that nothing comes twice, whatever ends the program in between.
func (w *fileImporting) add(ctx context.Context, p *fileimport.Plan, more func() error) error {
	for {
		items, err := fileimport.NextItems(ctx, w.pool, w.ID, fileimport.Fits, 0, lookAtOnce)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return w.end(ctx, fileimport.Done, "")
		}
		for _, item := range items {
			if err := more(); err != nil {
				return err
			}
			if err := w.addOne(ctx, p, &item); err != nil {
				return err
			}
			w.tell(item)
			if err := w.note(ctx, ""); err != nil {
				return err
			}
		}
	}
}

func (w *fileImporting) addOne(ctx context.Context, p *fileimport.Plan, item *fileimport.Item) error {
	refuse := func(s fileimport.ItemState, why string) error {
		item.State, item.Reason = s, why
		return w.tx(ctx, func(tx postgres.Tx) error {
			_, err := fileimport.SetItem(ctx, tx, w.ID, item.Place, fileimport.Fits, s, why, 0)
			return err
		})
	}
	rec, why, err := p.Records.OfWords(ctx, item.Record)
	if err != nil {
		return err
	}
	if why != "" {
		return refuse(fileimport.Refused, why)
	}
	f, err := p.Unpack(*item)
	if refused, ok := errors.AsType[imaging.Refused](err); ok {
		return refuse(fileimport.Refused, refused.Reason)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := w.digest(ctx, rec.On, f.Size); err != nil {
		return err
	}
	on := rec.On
	on.Shown = item.Shown
	return attachment.Storing(ctx, w.store, []attachment.Incoming{f.Incoming}, func(stored []attachment.Stored) error {
		return w.tx(ctx, func(tx postgres.Tx) error { return w.keep(ctx, tx, on, stored, item) })
	})
}

// keep writes the row of a file that is in the store, or leaves it and says why.
func (w *fileImporting) keep(ctx context.Context, tx postgres.Tx, on attachment.On, stored []attachment.Stored, item *fileimport.Item) error {
	if err := attachment.LockUsage(ctx, tx, on.Customer); err != nil {
		return err
	}
	known, err := attachment.Has(ctx, tx, on, stored[0].Digest)
	if err != nil {
		return err
	}
	usage, err := attachment.ReadUsage(ctx, tx, on.Customer)
	if err != nil {
		return err
	}
	item.State, item.Reason = fileimport.Added, ""
	switch {
	case known:
		item.State, item.Reason = fileimport.Known, knownReason
	case usage.Used+stored[0].Size > usage.Quota:
		item.State, item.Reason = fileimport.Refused, fmt.Sprintf("The customer’s files may take %d GB, and there is no room for this one. An Administrator can allow more on the customer’s page.", usage.Quota/attachment.GB)
	}
	set, err := fileimport.SetItem(ctx, tx, w.ID, item.Place, fileimport.Fits, item.State, item.Reason, 0)
	if err != nil {
		return err
	}
	if !set || item.State != fileimport.Added { // somebody else was here, or it is not taken: this copy has no row
		stored[0].Again = true
		return nil
	}
	if err := attachment.Add(ctx, tx, audit.Actor{Staff: w.StaffID, Name: w.Staff}, w.queue, on, stored); err != nil {
		return err
	}
	_, err = fileimport.SetItem(ctx, tx, w.ID, item.Place, fileimport.Added, fileimport.Added, "", stored[0].ID)
	return err
}

// undo takes away what was added, but for what somebody has touched since.
func (w *fileImporting) undo(ctx context.Context) error {
	by := audit.Actor{Staff: w.UndoneByID, Name: w.UndoneBy}
	for {
		var done int
		err := w.tx(ctx, func(tx postgres.Tx) error {
			files, err := fileimport.FindRemovable(ctx, tx, w.ID, undoAtOnce)
			if err != nil {
				return err
			}
			done = len(files)
			var gone []string
			for _, f := range files {
				state := fileimport.TakenBack
				if f.Stays != "" {
					state = fileimport.Kept
				} else {
					gone = append(gone, f.PublicID)
				}
				if _, err := fileimport.SetItem(ctx, tx, w.ID, f.Place, fileimport.Added, state, f.Stays, 0); err != nil {
					return err
				}
			}
			if len(gone) == 0 {
				return nil
			}
			_, err = attachment.Remove(ctx, tx, by, gone...)
			return err
		})
		if err != nil {
			return err
		}
		if done == 0 {
			return w.end(ctx, fileimport.Undone, "")
		}
	}
}

// ImportFilesFrom imports the files of an archive at the server, and tells of
// each: with dry nothing is added. It waits until all is done. One that was broken
// off goes on from there when the same archive is named again.
func (s *Service) ImportFilesFrom(ctx context.Context, by staff.Viewer, name string, archive fileimport.Archive, dry bool, told func(fileimport.Item)) error {
	nonce := "command/" + name + "/" + fileimport.Fingerprint(archive)
	if dry {
		nonce = "dry " + rand.Text() // which is never gone on with
	}
	var (
		i       fileimport.Import
		created bool
	)
	err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		var id int64
		id, created, err = fileimport.Create(ctx, tx, fileimport.New{Name: attachment.SafeName(name), Staff: by.Staff, Nonce: nonce})
		if err != nil {
			return err
		}
		i, err = fileimport.Find(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	w := fileImporting{Service: s, Import: i}
	if i.State == fileimport.Looking {
		w.told = func(item fileimport.Item) {
			if dry || item.State != fileimport.Fits { // what fits is told of once it is added
				told(item)
			}
		}
		err = w.run(ctx, archive)
	}
	if dry || err != nil && created && w.State == fileimport.Looking { // not what another run is looking through
		forget, end := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer end()
		return errors.Join(err, postgres.Transact(forget, s.pool, func(tx postgres.Tx) error { return fileimport.Remove(forget, tx, i.ID) }))
	}
	if err != nil {
		return err
	}
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		// Of one that is gone on with, this says that it is not lost.
		if err := fileimport.SetState(ctx, tx, i.ID, fileimport.Adding, ""); err != nil || i.State == fileimport.Adding {
			return err
		}
		return audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.FilesImported, ID: i.ID, Label: i.Name})
	})
	if err != nil {
		return err
	}
	w.State, w.told = fileimport.Adding, told
	return w.run(ctx, archive)
}

// FileImportsLost has imports gone on with that nobody works at, as a job may be lost.
func (s *Service) FileImportsLost(ctx context.Context) error {
	ids, err := fileimport.Waiting(ctx, s.pool, queue.NoJob(queue.ImportFiles{}.Kind(), "import", "i.id"))
	if err != nil || len(ids) == 0 {
		return err
	}
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		for _, id := range ids {
			if err := s.queue.Insert(ctx, tx, queue.ImportFiles{Import: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// SweepFileImports forgets zips that nobody has said yes to, and imports of long ago.
func (s *Service) SweepFileImports(ctx context.Context) error {
	var keys []string
	err := postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		if err := fileimport.EndLost(ctx, tx); err != nil {
			return err
		}
		keys, err = fileimport.Sweep(ctx, tx)
		return err
	})
	s.store.Forget(ctx, err, keys...)
	return err
}
