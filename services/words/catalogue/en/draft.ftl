draft-draft = Draft
draft-handed-in-as = Handed in as
draft-kept-until = Kept until
draft-revision = Revision
draft-saved = Saved
draft-the-draft-is-thrown-away = The draft is thrown away.
