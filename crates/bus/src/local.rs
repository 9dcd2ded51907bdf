//! The bus inside one process.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockWriteGuard, Weak},
};

use crate::{Bus, Inlet, Notice, Subscription, Topic, Topics, channel};

/// Carries notices between the components of one process. Its clones are the same bus; it ends with the last of them.
#[derive(Clone, Default)]
pub struct LocalBus {
    routes: Arc<RwLock<Routes>>,
}

#[derive(Default)]
struct Routes {
    /// Who gets what: one look-up for each notice, then one queue for each of its few subscribers (one per gateway).
    by_topic: HashMap<Topic, Vec<Arc<Inlet>>>,
    /// All subscribers, so that one without topics does not end.
    subscribers: Vec<Arc<Inlet>>,
}

fn write(routes: &RwLock<Routes>) -> RwLockWriteGuard<'_, Routes> {
    routes.write().unwrap_or_else(PoisonError::into_inner)
}

impl LocalBus {
    /// A bus without subscribers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Bus for LocalBus {
    fn publish(&self, notice: Notice) {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let Some(inlets) = routes.by_topic.get(&notice.topic) else {
            return;
        };
        for inlet in inlets {
            inlet.put(notice.clone());
        }
    }

    fn subscribe(&self, capacity: usize) -> Subscription {
        let (inlet, deliveries) = channel(capacity);
        let inlet = Arc::new(inlet);
        let topics = LocalTopics {
            routes: Arc::downgrade(&self.routes),
            inlet: Arc::downgrade(&inlet),
            mine: Mutex::default(),
        };
        write(&self.routes).subscribers.push(inlet);
        Subscription {
            topics: Box::new(topics),
            deliveries,
        }
    }
}

/// The topics of one subscriber; its drop ends the subscription.
struct LocalTopics {
    routes: Weak<RwLock<Routes>>,
    inlet: Weak<Inlet>,
    mine: Mutex<HashSet<Topic>>,
}

impl LocalTopics {
    fn forget(&self, routes: &mut Routes, topic: Topic) {
        let Some(inlets) = routes.by_topic.get_mut(&topic) else {
            return;
        };
        inlets.retain(|inlet| !self.is(inlet));
        if inlets.is_empty() {
            routes.by_topic.remove(&topic);
        }
    }

    fn is(&self, inlet: &Arc<Inlet>) -> bool {
        std::ptr::eq(Arc::as_ptr(inlet), self.inlet.as_ptr())
    }
}

impl Topics for LocalTopics {
    fn add(&self, topic: Topic) {
        let (Some(routes), Some(inlet)) = (self.routes.upgrade(), self.inlet.upgrade()) else {
            return; // the bus has ended
        };
        let mut mine = self.mine.lock().unwrap_or_else(PoisonError::into_inner);
        if mine.insert(topic) {
            write(&routes)
                .by_topic
                .entry(topic)
                .or_default()
                .push(inlet);
        }
    }

    fn remove(&self, topic: Topic) {
        let Some(routes) = self.routes.upgrade() else {
            return;
        };
        let mut mine = self.mine.lock().unwrap_or_else(PoisonError::into_inner);
        if mine.remove(&topic) {
            self.forget(&mut write(&routes), topic);
        }
    }
}

impl Drop for LocalTopics {
    fn drop(&mut self) {
        let Some(routes) = self.routes.upgrade() else {
            return;
        };
        let mine = std::mem::take(self.mine.get_mut().unwrap_or_else(PoisonError::into_inner));
        let mut routes = write(&routes);
        for topic in mine {
            self.forget(&mut routes, topic);
        }
        routes.subscribers.retain(|inlet| !self.is(inlet));
    }
}
