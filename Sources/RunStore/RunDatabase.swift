/// The studio's data base.
public enum RunDatabase {}
