//! What only a real browser shows: scripts, camera, live displays, accessibility. Chromium walks the main job; every page
//! it meets is looked at by axe and photographed into `target/screenshots/`.

mod hall;
mod queue;
mod tls;
mod walk;
mod window;
