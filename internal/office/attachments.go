package office

import (
	"context"
	"errors"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// AddFiles adds files to something, hidden from its customer.
func (s *Service) AddFiles(ctx context.Context, by staff.Viewer, on attachment.On, files []attachment.Incoming) error {
	return attachment.Storing(ctx, s.store, files, func(stored []attachment.Stored) error {
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return attachment.Add(ctx, tx, by.Actor(), s.queue, on, stored) })
	})
}

// Sent is a file that a system has sent to something.
type Sent struct {
	attachment.Incoming
	Caption string
	Visible bool // to the customer
	Tell    bool // the customer, of a visible one
}

// AddFile adds a file that a system sends, with its digest: the same bytes on the
// same record are one file, whoever has added it. It returns that file, and whether
// it was added now. What was removed from the record stays removed: a system that
// sends all it has once more is not to undo that.
func (s *Service) AddFile(ctx context.Context, by staff.Viewer, on attachment.On, f Sent) (public string, added bool, err error) {
	if err := (attachment.Caption{Text: f.Caption}).Check().Err(); err != nil {
		return "", false, err
	}
	err = attachment.Digested(ctx, s.pool, s.store, on, f.Size, func(file int64, digest []byte) error {
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return attachment.SetDigest(ctx, tx, file, digest) })
	})
	if err != nil {
		return "", false, err
	}
	if public, err = sameFile(ctx, s.pool, on, f.Digest); !errors.Is(err, apperr.NotFound) {
		return public, false, err
	}
	err = attachment.Storing(ctx, s.store, []attachment.Incoming{f.Incoming}, func(stored []attachment.Stored) error {
		return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
			if err := attachment.LockUsage(ctx, tx, on.Customer); err != nil {
				return err
			}
			if public, err = sameFile(ctx, tx, on, f.Digest); !errors.Is(err, apperr.NotFound) {
				stored[0].Again = true
				return err
			}
			if err := attachment.Add(ctx, tx, by.Actor(), s.queue, on, stored); err != nil {
				return err
			}
			same, err := attachment.FindSame(ctx, tx, on, f.Digest)
			if err != nil {
				return err
			}
			public, added = same.PublicID, true
			if err := attachment.SetCaption(ctx, tx, by.Actor(), attachment.Caption{File: public, Text: f.Caption}); err != nil || !f.Visible {
				return err
			}
			_, err = s.shareFile(ctx, tx, by, on, public, true, f.Tell)
			return err
		})
	})
	return public, added, err
}

// sameFile is the file on something that has these bytes, or apperr.NotFound. One
// that was removed is a conflict.
func sameFile(ctx context.Context, db postgres.DB, on attachment.On, digest []byte) (string, error) {
	same, err := attachment.FindSame(ctx, db, on, digest)
	if err == nil && same.Removed {
		err = apperr.Conflictf("This file was on the record and was removed from it, so it is not added again. Leave it out from now on. If it is wanted after all, staff add it on the record’s page.")
	}
	return same.PublicID, err
}

// SetFileVisible is ShareFiles of one file, of which nobody gets an email unless
// tell says so.
func (s *Service) SetFileVisible(ctx context.Context, by staff.Viewer, on attachment.On, file string, visible, tell bool) (changed bool, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		changed, err = s.shareFile(ctx, tx, by, on, file, visible, tell)
		return err
	})
	return changed, err
}

func (s *Service) shareFile(ctx context.Context, tx postgres.Tx, by staff.Viewer, on attachment.On, file string, visible, tell bool) (changed bool, err error) {
	ids, err := attachment.Share(ctx, tx, by.Actor(), on, []string{file}, visible)
	if err != nil || len(ids) == 0 || !visible || !tell {
		return len(ids) > 0, err
	}
	return true, s.notify.FilesShared(ctx, tx, ids)
}

// ShareFiles makes files that hang on something visible to its customer, who is
// told, or hides them. It returns how many that changed, and who is told.
func (s *Service) ShareFiles(ctx context.Context, by staff.Viewer, on attachment.On, files []string, visible bool) (changed int, told []notify.Telling, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		ids, err := attachment.Share(ctx, tx, by.Actor(), on, files, visible)
		changed = len(ids)
		if err != nil || !visible || changed == 0 {
			return err
		}
		if err := s.notify.FilesShared(ctx, tx, ids); err != nil {
			return err
		}
		told, err = notify.WouldTell(ctx, tx, notify.KindFilesShared, notify.About{Customer: on.Customer, Job: on.Job, Quote: on.Quote, Equipment: on.Equipment})
		return err
	})
	return changed, told, err
}

// SetCaptions writes the captions of files, all or none. Problems are at the
// fields that CaptionField names; stale are the files whose caption says something
// else by now than what was seen, and then the error is apperr.Stale unless there
// are problems, too.
func (s *Service) SetCaptions(ctx context.Context, by staff.Viewer, captions []attachment.Caption) (stale []string, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		problems := problem.Set{}
		for _, c := range captions {
			err := attachment.SetCaption(ctx, tx, by.Actor(), c)
			if wrong, ok := errors.AsType[problem.Set](err); ok {
				problems.Add(CaptionField(c.File), wrong[attachment.Field.Caption.Name])
				continue
			}
			if errors.Is(err, apperr.Stale) {
				stale = append(stale, c.File)
				continue
			}
			if err != nil {
				return err
			}
		}
		if err := problems.Err(); err != nil || len(stale) == 0 {
			return err
		}
		return apperr.Stale
	})
	return stale, err
}

// CaptionField is the field of a file's caption, by its opaque id.
func CaptionField(file string) string { return attachment.Field.Caption.Name + "-" + file }

// SetDocument says what files are as documents: of which kind, for which place
// and until when. It returns how many changed.
func (s *Service) SetDocument(ctx context.Context, by staff.Viewer, on attachment.On, files []attachment.Seen, d attachment.Document) (changed int, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		changed, err = attachment.SetDocument(ctx, tx, by.Actor(), on, files, d)
		return err
	})
	return changed, err
}

// CreateDocumentKind adds a kind of documents. A form sent twice adds one.
func (s *Service) CreateDocumentKind(ctx context.Context, by staff.Viewer, n attachment.NewKind) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		_, _, err := attachment.CreateKind(ctx, tx, by.Actor(), n)
		return err
	})
}

// EditDocumentKind changes a kind of documents.
func (s *Service) EditDocumentKind(ctx context.Context, by staff.Viewer, id, version int64, d attachment.KindDetails) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return attachment.EditKind(ctx, tx, by.Actor(), id, version, d) })
}

// RemoveFiles takes files away, and returns how many were there.
func (s *Service) RemoveFiles(ctx context.Context, by staff.Viewer, files []string) (removed int, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		removed, err = attachment.Remove(ctx, tx, by.Actor(), files...)
		return err
	})
	return removed, err
}
